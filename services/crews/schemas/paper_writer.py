"""A document written as a paper in one language: its head, its parts, its signatures."""

from datetime import tzinfo

from services.crews.domain.documents import SIGNERS, UNSIGNED, Document, DocumentType, Signature
from services.crews.schemas.paper import Paper, SignatureLine
from services.crews.schemas.paper_sections import NOTHING, Sections
from services.crews.schemas.paper_words import Words
from services.crews.usecases.documents import Shown
from shared.i18n import Catalog


def write_paper(
    shown: Shown, corrected: Document | None, catalog: Catalog, language: str, zone: tzinfo
) -> Paper:
    """The paper of a document; ``corrected`` is the earlier one that it corrects."""
    document, words = shown.document, Words(catalog, language, zone)
    sections = Sections(document, words)
    number = str(document.number or NOTHING)
    return Paper(
        language=language,
        title=words.text(f"title.{document.type}"),
        subtitle=_subtitle(document, words),
        marks=_marks(shown, corrected, words),
        sections=sections.all(),
        signatures=_signatures(document, words),
        signatures_title=words.text("signatures"),
        empty=words.text("empty"),
        footer=words.text("footer", number=number, digest=document.digest[:16]),
        page=words.text("page", page="{page}", pages="{pages}"),
        draft=document.number is None,
        photo_ids=[media["id"] for media in sections.photos],
    )


def _subtitle(document: Document, words: Words) -> str:
    if document.number is None:
        return words.text("draft", date=words.moment(document.drafted_at))
    return words.text("number", number=document.number, date=words.date(document.frozen_at))


def _marks(shown: Shown, corrected: Document | None, words: Words) -> list[str]:
    marks = []
    if shown.document.type is DocumentType.ACCIDENT_ACT:
        marks.append(words.text("law"))
    if corrected is not None and corrected.number is not None:
        date = words.date(corrected.frozen_at)
        marks.append(words.text("corrects", number=corrected.number, date=date))
    if shown.corrected_by is not None:
        marks.append(words.text("corrected"))
    return marks


def _signatures(document: Document, words: Words) -> list[SignatureLine]:
    """Everyone who signed, then empty lines for those whose signature is still awaited."""
    signed = [_signature(signature, words) for signature in document.signatures]
    heard = {signature.party for signature in document.signatures}
    awaited = [party for party in SIGNERS[document.type] if party not in heard]
    return [*signed, *(SignatureLine(words.word("party", party), "", "") for party in awaited)]


def _signature(signature: Signature, words: Words) -> SignatureLine:
    told = [words.text(f"means.{signature.means}"), words.moment(signature.device_at)]
    if signature.means in UNSIGNED:
        told.append(signature.reason or "")
    party = words.word("party", signature.party)
    return SignatureLine(party, signature.name, ", ".join(filter(None, told)), signature.strokes)
