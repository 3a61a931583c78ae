"""Pages on which a file is handed in: choose it, see what would become of it, take it in."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response

from shared.core.errors import Fault, Invalid
from shared.schemas.imports import ImportResult
from shared.web.forms import read_upload
from shared.web.pages import redirect, render
from shared.web.texts import gettext as _

FAULTS_SHOWN = 200
FIELDS = ("kind", "file", "confirm")


@dataclass(frozen=True, slots=True)
class Kept:
    """A file that waits for a confirmation."""

    upload_id: UUID
    kind: str


@dataclass(frozen=True, slots=True)
class FilePages:
    """The pages of one service, under ``<home>import``."""

    home: str
    """Address of the service, such as ``/dossier/``."""
    kinds: Mapping[str, str]
    """Kind of file → its name, a message id."""
    check: str = "import_check.html"
    """Template of the preview."""
    filled: str = ""
    """Address of the list that the files fill; empty: the first page of the service."""

    def form(self, request: Request, faults: Sequence[Fault] = (), kind: str = "") -> Response:
        """Choose a file. What is wrong with the file as a whole is said at its field."""
        placed = [f if f.where in FIELDS else Fault("file", f"{f.where}: {_(f.expected)}", f.code) for f in faults]
        kinds = [(code, _(name)) for code, name in self.kinds.items()]
        status = 422 if faults else 200
        return render(
            request, "import.html", status, home=self.home, back=self._list, faults=placed, kinds=kinds, kind=kind
        )

    async def read(self, form: FormData) -> tuple[str, bytes]:
        """Kind and content of the file in a form. Raises `Invalid` when one of them was not chosen."""
        kind = str(form.get("kind") or "")
        if kind not in self.kinds:
            raise Invalid([Fault("kind", _("Choose what kind of file it is"), "missing")])
        return kind, await read_upload(form, "file")

    def preview(self, request: Request, kept: Kept, result: ImportResult, faults: Sequence[Fault] = ()) -> Response:
        """What would become of the file, with every fault; `faults`: why it could not be taken in."""
        return render(
            request,
            self.check,
            422 if faults else 200,
            home=self.home,
            kind=_(self.kinds[kept.kind]),
            upload_id=kept.upload_id,
            result=result.said(_),
            faults=[Fault("confirm", fault.expected, fault.code) for fault in faults],
            limit=FAULTS_SHOWN,
        )

    def taken_in(self, request: Request, result: ImportResult) -> Response:
        """Back to the list, with what became of the file."""
        counts = {"applied": result.applied, "unchanged": result.unchanged, "quarantined": result.quarantined}
        message = _(
            "The file is taken in: %(applied)s new, %(unchanged)s unchanged, %(quarantined)s set aside.", **counts
        )
        return redirect(request, self._list, message)

    @property
    def _list(self) -> str:
        return self.filled or self.home
