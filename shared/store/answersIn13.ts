// The migration to schema 13, which gave answers one form. Reads of schema 12 documents call it.

type Shape = Readonly<Record<string, unknown>>;

const FAILURE_ANSWERS: ReadonlySet<unknown> = new Set(['tryAgain', 'goOn', 'stop']);

/** An answer in an event that nobody has received yet gets the request of today. */
function withReadyRequest(since: unknown, { answer, address, body, ...rest }: Shape): Shape {
  const { step, tries = 0 } = body as { readonly step?: string; readonly tries?: number };
  // An event of schema 12 has no try of an approval; almost every approval has one try.
  const question =
    step === undefined
      ? `approval:${String(since)}`
      : `${step}:${tries}${FAILURE_ANSWERS.has(answer) ? ':failure' : ''}`;
  return {
    answer,
    ...rest,
    address: String(address).replace(/\/[a-z]+$/, '/answers'),
    body: { question, answer },
  };
}

function withReadyRequests(event: Shape): Shape {
  const data = event['data'] as Shape | undefined;
  const answers = data?.['answers'];
  if (!data || !Array.isArray(answers)) return event;
  const requests = (answers as readonly Shape[]).map((answer) => withReadyRequest(data['since'], answer));
  return { ...event, data: { ...data, answers: requests } };
}

/** The migration steps from schema 12 to 13, by document type. */
export const ANSWERS_IN_13: Readonly<Record<string, (older: Shape) => Shape>> = { news: withReadyRequests };
