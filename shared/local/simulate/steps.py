"""What single people do between the files: the institution answers a dossier, a mentor worries, a pupil writes."""

from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

import httpx

from shared.core.actor import Role
from shared.core.keys import Keys
from shared.local import people
from shared.local.simulate.deeds import ACCEPT, CONCERN, OPEN, OWN, REFUSE, RESOLVE, Deed

ANSWERS = {OPEN: "opening", ACCEPT: "acceptance", REFUSE: "refusal"}
REFUSAL = {"reason": "capacity", "text": "De groep is vol."}
IMPOSSIBLE = "impossible"


@dataclass(slots=True)
class Steps:
    """Makes single steps through the API and the pages. What is done already is done."""

    client: httpx.AsyncClient
    keys: Keys
    cohort: int
    told: Counter[str]
    """Steps by kind; `impossible` when the state did not allow one."""
    handovers: dict[tuple[str, str], str] = field(default_factory=dict)
    """(institution, pupil_ref) to the key of the handover."""

    async def make(self, deed: Deed) -> None:
        """Make the step of this deed."""
        self.told[await DOORS[deed.kind](self, deed)] += 1

    async def answer(self, deed: Deed) -> str:
        """Open, take on or refuse a dossier."""
        headers = people.acting(self.keys, deed.sender, Role.INTAKE_COORDINATOR)
        found = deed.sender, self.keys.pupil_ref(deed.pupil)
        if found not in self.handovers:
            offered = await people.pages_of(self.client, "/dossier/api/v1/handovers", headers)
            self.handovers |= {(deed.sender, one["pupil_ref"]): one["handover_id"] for one in offered}
        if found not in self.handovers:
            return IMPOSSIBLE
        path = f"/dossier/api/v1/handovers/{self.handovers[found]}/{ANSWERS[deed.kind]}"
        return await self._post(path, headers, REFUSAL if deed.kind == REFUSE else None, deed.kind)

    async def worry(self, deed: Deed) -> str:
        """Ask others to look at a pupil."""
        asked = {"pupil_ref": self.keys.pupil_ref(deed.pupil), "cohort": self.cohort}
        asked |= {"reason": deed.row["reason"], "route": deed.row["route"].split()}
        return await self._post("/dossier/api/v1/concerns", self._decaan(deed), asked, CONCERN)

    async def resolve(self, deed: Deed) -> str:
        """Say how it ended."""
        headers, ref = self._decaan(deed), self.keys.pupil_ref(deed.pupil)
        found = await people.pages_of(self.client, "/dossier/api/v1/concerns", headers)
        of_pupil = [one for one in found if (one["pupil_ref"], one["reason"]) == (ref, deed.row["reason"])]
        for one in of_pupil:
            path = f"/dossier/api/v1/concerns/{one['concern_id']}/resolution"
            return await self._post(path, headers, {"resolution": deed.row["resolution"]}, RESOLVE)
        return IMPOSSIBLE

    async def write(self, deed: Deed) -> str:
        """A pupil finishes the own part."""
        code = await people.invited(self.client, self.keys.pupil_ref(deed.pupil), self._decaan(deed))
        async with httpx.AsyncClient(base_url=self.client.base_url, timeout=self.client.timeout) as browser:
            await people.write_own_part(browser, code)
        return OWN

    def _decaan(self, deed: Deed) -> dict[str, str]:
        return people.acting(self.keys, deed.sender, Role.DECAAN)

    async def _post(self, path: str, headers: Mapping[str, str], body: Mapping[str, object] | None, told: str) -> str:
        answer = await self.client.post(path, headers=dict(headers), json=body)
        if answer.status_code == 409:
            return IMPOSSIBLE
        answer.raise_for_status()
        return told


DOORS: Mapping[str, Callable[[Steps, Deed], Awaitable[str]]] = {
    **dict.fromkeys(ANSWERS, Steps.answer),
    CONCERN: Steps.worry,
    RESOLVE: Steps.resolve,
    OWN: Steps.write,
}
