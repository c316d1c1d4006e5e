// Documents as their phone sees them: what the service knows, then what waits to be sent. No effects here.

/** The documents of a crew with every command that waits, in order; behind a refused one nothing counts. */
export function projected(documents, commands, { documents: { signers } }) {
  const found = new Map(documents.map((one) => [one.id, { ...one, waiting: 0, refused: null }]));
  for (const command of commands.filter((one) => one.verb in CHANGES && one.state !== "set_aside")) {
    const before = found.get(command.subject) ?? begun(command, signers);
    found.set(command.subject, changed(before, command));
  }
  return [...found.values()].sort((a, b) => a.drafted_at.localeCompare(b.drafted_at));
}

function begun({ subject, after, body }, signers) {
  return {
    id: subject, assignment_id: after, type: body.type, state: "draft", number: null, version: 0,
    drafted_at: body.at, frozen_at: null, corrects: body.corrects ?? null, corrected_by: null,
    statement: body.statement ?? {}, signatures: [], missing_parties: signers[body.type] ?? [],
    waiting: 0, refused: null,
  };
}

function changed(before, command) {
  if (command.state === "refused") return { ...before, refused: command };
  const waiting = before.waiting + 1;
  return before.refused ? { ...before, waiting } : { ...CHANGES[command.verb](before, command.body), waiting };
}

const CHANGES = {
  draft: (paper) => ({ ...paper, version: Math.max(paper.version, 1) }),
  revise: (paper, { statement }) => ({ ...paper, statement, version: paper.version + 1 }),
  sign: (paper, { party, means, name, at }) => {
    const missing = paper.missing_parties.filter((one) => one !== party);
    const signatures = [...paper.signatures, { party, means, name, at, waiting: true }];
    return { ...paper, signatures, missing_parties: missing, state: missing.length ? "signing" : "signed" };
  },
};

/** What the law asks of the act of an accident and nobody has said yet. */
export function unsaid({ type, statement }, { documents: { law_asks } }) {
  return type === "accident_act" ? law_asks.filter((name) => !statement[name]) : [];
}
