"""The API of the dossier: files and single facts of the school, and the handover for both sides."""

from services.dossier.api import career, concerns, feedback, files, handovers, pupils, search, talks, transfer, year_end
from shared.web.api.router import Api

router = Api(
    "What the vo school knows and hands over: lists of pupils, choices, and the handover of dossiers for both sides.",
    {
        "files": "CSV files of a school (docs/csv.md)",
        "pupils": "Own pupils of a school, their choices, and who they are",
        "transfer data": "What a school writes per category, whom it informed, and objections",
        "handovers": "Handing over dossiers: the moves of the school and of the institution",
        "feedback": "What became of former pupils: one by one as long as the school hears of them, then as figures",
        "concerns": "Asking others to look at a pupil, with a code for the reason, and how it ended",
        "talks": "Warm handover: talks between the two schools about a pupil",
    },
)
for one in (
    files.router,
    pupils.router,
    search.router,
    handovers.router,
    talks.router,
    concerns.router,
    feedback.router,
    year_end.router,
    transfer.router,
    career.router,
):
    router.include_router(one)
