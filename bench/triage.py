"""How right and how fast triage is, beside a list of keywords and a plain TF-IDF model, in one run.

Against labelled real messages whose texts stay where they are::

    python -m bench.triage --texts DIR            # DIR holds spb_citizen_requests/ and kursk_appeals/
    python -m bench.triage --labels FILE.jsonl    # any file: id, text, category, fault, hazards, lang, source

Without either, only the phrases that ship with triage are measured. Of the labels in tests/data only the
held-out half counts unless ``--half`` says otherwise. ``--misses`` lists every danger missed or falsely seen.
"""

import argparse
import csv
import gzip
import hashlib
import html
import json
import re
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import psutil
import yaml
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

from services.triage.clients import SHIPPED_MODEL, SHIPPED_RULES, read_model, read_rule_book
from services.triage.commands.labelled import (
    labelled_texts,
    regression_labels,
    regression_phrases,
    shipped_examples,
)
from services.triage.domain.book import RuleBook
from services.triage.domain.engine import Engine
from services.triage.domain.measuring import Answer, Labelled, Score, answer_of, confusion_rows, measure
from services.triage.domain.model import UNKNOWN_FAULT, Category, Hazard
from shared.config import ROOT

LABELS = ROOT / "tests" / "data" / "triage_labels"
KEYWORDS = ROOT / "bench" / "triage_keywords.yml"
TAG, SPACES, WORD = re.compile(r"<[^>]+>"), re.compile(r"\s+"), re.compile(r"\w+")
SPEED_TEXTS = 4_000

Judge = Callable[[Labelled], Answer]


def main() -> None:
    options = parsed()
    book = read_rule_book(SHIPPED_RULES)
    engine = Engine(book, read_model(SHIPPED_MODEL))
    memory = psutil.Process().memory_info().rss
    labels = list(labels_of(options))
    judges: dict[str, Judge] = {
        "triage": lambda right: answer_of(engine.classify(right.text)),
        "keywords only": keyword_judge(),
        "TF-IDF + linear only": plain_model_judge(book),
    }
    report: dict[str, Any] = {"versions": [book.version, engine.statistics and engine.statistics.version]}
    report["accuracy"] = {name: accuracy(labels, judge) for name, judge in judges.items()}
    report["speed"] = {name: speed(labels, judge) for name, judge in judges.items()}
    report["memory_mb_rules_and_model"] = round(memory / 1e6)
    show(report)
    show_detail(labels, judges["triage"])
    if options.misses:
        show_misses(labels, judges["triage"])
    if options.json:
        options.json.write_text(json.dumps(report, ensure_ascii=False, indent=2), encoding="utf-8")


def parsed() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--texts", type=Path, metavar="DIR", help="where the labelled messages' texts are")
    parser.add_argument("--labels", type=Path, metavar="FILE.jsonl", help="another labelled file")
    parser.add_argument("--half", choices=["heldout", "tune", "all"], default="heldout")
    parser.add_argument("--file", default="labels.csv", help="which labels of tests/data/triage_labels")
    parser.add_argument("--misses", action="store_true", help="list dangers missed and falsely seen")
    parser.add_argument("--json", type=Path, metavar="FILE")
    return parser.parse_args()


def labels_of(options: argparse.Namespace) -> Iterator[Labelled]:
    if options.labels:
        yield from labelled_texts(options.labels)
    elif options.texts:
        yield from real_messages(options.texts, options.file, options.half)
    else:
        phrases = regression_phrases(SHIPPED_RULES)
        yield from (replace(label, source="phrases") for label in regression_labels(phrases))


def real_messages(directory: Path, file: str, half: str) -> Iterator[Labelled]:
    """Labelled messages of the two portals with their texts; one whose text is not there is left out."""
    texts = {**spb_texts(directory), **kursk_texts(directory)}
    with (LABELS / file).open(encoding="utf-8", newline="") as rows:
        for row in csv.DictReader(rows):
            if row["id"] in texts and half in ("all", half_of(row["id"])):
                category, fault, hazards = row["label"].split()
                yield Labelled(
                    id=row["id"],
                    text=texts[row["id"]],
                    category=Category(category),
                    fault=fault,
                    hazards=frozenset(Hazard(one) for one in hazards.split("+") if one != "-"),
                    source=row["id"].split(":")[0],
                )


def half_of(label_id: str) -> str:
    return ("tune", "heldout")[hashlib.sha256(f"half:{label_id}".encode()).digest()[-1] % 2]


def spb_texts(directory: Path) -> dict[str, str]:
    path = directory / "spb_citizen_requests" / "dev.jsonl.gz"
    if not path.exists():
        return {}
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        cards = (json.loads(line) for line in lines)
        return {f"spb:{card['id']}": plain(card["text"]) for card in cards}


def kursk_texts(directory: Path) -> dict[str, str]:
    path = directory / "kursk_appeals" / "dev_train.csv"
    if not path.exists():
        return {}
    with path.open(encoding="utf-8", newline="") as rows:
        return {f"kursk:{row['id']}": plain(row["text_html"]) for row in csv.DictReader(rows)}


def plain(text: str) -> str:
    return SPACES.sub(" ", html.unescape(TAG.sub(" ", text))).strip()


def keyword_judge() -> Judge:
    """The first list entry one of whose words begins a word of the message; else urgent and unknown."""
    entries = [
        (tuple(entry["words"]), answer(entry["category"], [entry["fault"]], entry["hazards"]))
        for entry in yaml.safe_load(KEYWORDS.read_text(encoding="utf-8"))
    ]
    nothing = answer("urgent", [UNKNOWN_FAULT], [])

    def judge(right: Labelled) -> Answer:
        said = WORD.findall(right.text.lower().replace("ё", "е"))
        return next((given for words, given in entries if any(w.startswith(words) for w in said)), nothing)

    return judge


def plain_model_judge(book: RuleBook) -> Judge:
    """Words and pairs of words by TF-IDF, logistic regression, from the same phrases; urgency and dangers are
    the catalogue's for the likeliest fault."""
    examples = shipped_examples(SHIPPED_RULES, book)
    model = make_pipeline(
        TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True), LogisticRegression(C=30, max_iter=300)
    ).fit([one.text for one in examples], [one.fault for one in examples])
    faults = list(model.classes_)

    def judge(right: Labelled) -> Answer:
        chances = model.predict_proba([right.text])[0]
        likely = [faults[at] for at in chances.argsort()[::-1][:3]]
        first = book.faults[likely[0]]
        return answer(first.category, likely, first.hazards)

    return judge


def answer(category: str, faults: Sequence[str], hazards: Iterable[str]) -> Answer:
    return Answer(Category(category), tuple(faults), frozenset(Hazard(hazard) for hazard in hazards))


def accuracy(labels: Sequence[Labelled], judge: Judge) -> dict[str, Any]:
    """Figures over all labels, by source and by language."""
    groups = {"all": labels}
    for key in sorted({label.source for label in labels}):
        groups[f"source {key or '-'}"] = [label for label in labels if label.source == key]
    for key in sorted({label.language for label in labels}):
        groups[f"language {key}"] = [label for label in labels if label.language == key]
    return {name: measure(group, judge).facts() for name, group in groups.items()}


def speed(labels: Sequence[Labelled], judge: Judge) -> dict[str, float]:
    """Texts a second of one core's time and the 99th percentile of one text, warmed up, over real texts.
    Processor time, so that what else the machine does hardly counts."""
    many = [labels[at % len(labels)] for at in range(min(SPEED_TEXTS, 20 * len(labels)))]
    for label in labels:
        judge(label)
    taken = []
    for label in many:
        start = time.process_time()
        judge(label)
        taken.append(time.process_time() - start)
    return {
        "texts_per_s": round(len(taken) / sum(taken)),
        "p99_ms": round(sorted(taken)[int(len(taken) * 0.99)] * 1000, 2),
    }


def show(report: dict[str, Any]) -> None:
    for group in next(iter(report["accuracy"].values())):
        rows = {name: groups[group] for name, groups in report["accuracy"].items()}
        names = list(next(iter(rows.values())))
        print(f"\n{group}".ljust(24), *(name.rjust(22) for name in rows))
        for name in names:
            print(name.ljust(23), *(str(facts[name]).rjust(22) for facts in rows.values()))
    print("\nspeed".ljust(24), *(name.rjust(22) for name in report["speed"]))
    for name in ("texts_per_s", "p99_ms"):
        print(name.ljust(23), *(str(facts[name]).rjust(22) for facts in report["speed"].values()))
    print(f"\nmemory with rules and model, this process: {report['memory_mb_rules_and_model']} MB")
    print("versions:", *report["versions"])


def show_detail(labels: Sequence[Labelled], judge: Judge) -> None:
    score: Score = measure(labels, judge)
    print("\ntriage: labels (rows) by answers", *(category.value.rjust(13) for category in Category))
    for category, row in zip(Category, confusion_rows(score), strict=True):
        print(category.value.ljust(32), *(str(count).rjust(13) for count in row))
    print("\ntriage, by hazard".ljust(20), "labelled".rjust(9), "seen".rjust(6), "answered".rjust(9))
    for hazard in Hazard:
        counts = (score.hazard_labels[hazard], score.hazard_hits[hazard], score.hazard_answers[hazard])
        print(hazard.ljust(19), *(str(count).rjust(8) for count in counts))


def show_misses(labels: Sequence[Labelled], judge: Judge) -> None:
    """By id, never by text: whoever holds the set looks there."""
    for label in labels:
        given = judge(label)
        if bool(label.hazards) != bool(given.hazards):
            kind = "missed" if label.hazards else "false "
            told = " ".join(sorted(label.hazards or given.hazards))
            print(f"{kind} {label.id}: {told}; label {label.fault}, answer {given.fault}")


if __name__ == "__main__":
    main()
