"""Documents: drafted and signed on site, read as JSON, page or PDF."""

from collections.abc import Mapping

from werkzeug.wrappers import Response

from services.crews.domain.access import Role
from services.crews.schemas import documents as shapes
from services.crews.schemas import paper_html
from services.crews.schemas.paper import Paper
from services.crews.schemas.paper_pdf import make_pdf
from services.crews.schemas.paper_writer import write_paper
from services.crews.service.base import CREWS, SITE_READERS, CrewPoints, reader_of
from services.crews.usecases import documents
from shared.http import Call, Reply, api, raw

_WRITERS = CREWS | {Role.MASTER.value}


class DocumentPoints(CrewPoints):
    """Acts, lists of defects, protocols."""

    @api(
        "POST",
        "/v1/assignments/<uuid:assignment_id>/documents",
        body=shapes.NewDocument,
        returns={200: shapes.DocumentShape},
        roles=_WRITERS,
        summary="Draft a document from what was recorded; drafted again it is the same one",
    )
    def draft_document(self, call: Call) -> Reply:
        drafted = documents.draft_document(
            self.wiring.uow(),
            author_of(call),
            call.path["assignment_id"],
            shapes.draft(call.body),
            self.wiring.policies.gate,
        )
        return Reply(200, shapes.document(documents.Shown(drafted)))

    @api(
        "PUT",
        "/v1/documents/<uuid:document_id>",
        body=shapes.Revision,
        returns={200: shapes.DocumentShape},
        roles=_WRITERS,
        summary="Revise a draft: the next version, with the facts of now",
    )
    def revise_document(self, call: Call) -> Reply:
        revised = documents.revise_document(
            self.wiring.uow(),
            author_of(call),
            call.path["document_id"],
            call.body["version"],
            shapes.statement(call.body),
            self.wiring.policies.gate,
        )
        return Reply(200, shapes.document(documents.Shown(revised)))

    @api(
        "POST",
        "/v1/documents/<uuid:document_id>/signatures",
        body=shapes.NewSignature,
        returns={200: shapes.DocumentShape},
        roles=_WRITERS,
        summary="Sign the version that was shown; the first signature numbers and freezes the document",
    )
    def sign_document(self, call: Call) -> Reply:
        signature = shapes.signature(call.body, call.actor.id, self.wiring.clock.now())
        signed = documents.sign_document(
            self.wiring.uow(),
            author_of(call),
            call.path["document_id"],
            call.body["version"],
            signature,
            self.wiring.policies.zone,
        )
        return Reply(200, shapes.document(documents.Shown(signed)))

    @api(
        "GET",
        "/v1/assignments/<uuid:assignment_id>/documents",
        returns={200: shapes.DocumentList},
        roles=SITE_READERS,
        summary="The documents of an order",
    )
    def list_documents(self, call: Call) -> Reply:
        found = documents.list_documents(self.wiring.uow(), self.reader(call), call.path["assignment_id"])
        return Reply(200, {"documents": [shapes.document(shown) for shown in found]})

    @api(
        "GET",
        "/v1/documents/<uuid:document_id>",
        returns={200: shapes.DocumentShape},
        roles=SITE_READERS,
        summary="One document",
    )
    def show_document(self, call: Call) -> Reply:
        shown = documents.show_document(self.wiring.uow(), self.reader(call), call.path["document_id"])
        return Reply(200, shapes.document(shown))

    @raw(
        "GET",
        "/v1/documents/<uuid:document_id>.html",
        query=shapes.PageQuery,
        roles=SITE_READERS,
        summary="One document as a page, in the caller's language or in ?lang=",
    )
    def show_document_page(self, call: Call) -> Response:
        paper, photos = self._paper(call)
        return paper_html.page(paper_html.make_html(paper, photos))

    @raw(
        "GET",
        "/v1/documents/<uuid:document_id>.pdf",
        query=shapes.PageQuery,
        roles=SITE_READERS,
        summary="One document as PDF, in the caller's language or in ?lang=",
    )
    def show_document_pdf(self, call: Call) -> Response:
        paper, photos = self._paper(call)
        content: bytes = self.wiring.pictures(make_pdf, paper, photos)
        return paper_html.pdf(content, str(call.path["document_id"]))

    def _paper(self, call: Call) -> tuple[Paper, Mapping[str, bytes]]:
        uow = self.wiring.uow()
        shown = documents.show_document(uow, self.reader(call), call.path["document_id"])
        earlier = documents.corrected_one(uow, shown.document)
        language = call.query["lang"] or call.language
        paper = write_paper(shown, earlier, self.wiring.catalog, language, self.wiring.policies.zone)
        return paper, documents.photos_of(uow, paper.photo_ids)


def author_of(call: Call) -> documents.Author:
    return documents.Author(call.actor.id, reader_of(call))
