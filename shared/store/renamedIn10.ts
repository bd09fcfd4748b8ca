// The migration to schema 10, which gave stored fields plainer names. Reads of schema 9 documents
// call it. Each step leaves a document with the new names unchanged.
import { renamed } from '../core/renamed.ts';

type Shape = Readonly<Record<string, unknown>>;

const names = (table: Readonly<Record<string, string>>): ReadonlyMap<string, string> =>
  new Map(Object.entries(table));

const IN_COMMANDS = names({ despite: 'allowFailedChecks', leaveOut: 'exclude' });
const IN_VOTES = names({ says: 'decision' });
const IN_ANSWERS = names({ word: 'answer' });
const IN_CALLBACKS = names({ tells: 'audience' });
const IN_EVENTS = names({ needs: 'questions' });
const IN_REASONS = names({ why: 'reason' });

/** The possible answers of a person. */
const ANSWERS = names({ leaveOut: 'skip', approve: 'approved', refuse: 'refused' });
const EVENTS = names({
  'lifeboat.person.asked': 'lifeboat.question.asked',
  'lifeboat.person.told': 'lifeboat.question.closed',
});

/** Earlier builds used one event for a note and for the end of a question. Only the end has this title. */
const eventNameOf = (event: string, data: Shape | undefined): string =>
  event === 'lifeboat.person.told' && !String(data?.['title']).startsWith('Nothing more to do.')
    ? 'lifeboat.question.noted'
    : (EVENTS.get(event) ?? event);

const listOf = (value: unknown): readonly Shape[] => (Array.isArray(value) ? (value as Shape[]) : []);
const answerOf = (value: unknown): unknown => ANSWERS.get(String(value)) ?? value;
/** The text of a question quotes its answers. */
const textOf = (value: unknown): unknown =>
  typeof value === 'string' ? value.replaceAll('"leaveOut"', '"skip"') : value;

/** Changes a field of the document, when the document has the field. */
const change = (document: Shape, field: string, by: (value: unknown) => unknown): Shape =>
  document[field] === undefined ? document : { ...document, [field]: by(document[field]) };
const changeEach = (document: Shape, field: string, by: (entry: Shape) => unknown): Shape =>
  change(document, field, (value) => (Array.isArray(value) ? listOf(value).map(by) : value));

/** Renames fields of the document itself. */
const renameIn = (document: Shape, table: ReadonlyMap<string, string>): Shape =>
  Object.fromEntries(Object.entries(document).map(([name, value]) => [table.get(name) ?? name, value]));

const command = (document: Shape): Shape =>
  change(document, 'command', (value) => renamed(value, IN_COMMANDS));

const need = (question: Shape): Shape =>
  change(
    change(question, 'answers', (value) => (value as readonly unknown[]).map(answerOf)),
    'message',
    textOf,
  );

/** One possible answer in an event, with the body of its request. */
const offered = ({ says, ...rest }: Shape): Shape =>
  change({ ...(says === undefined ? {} : { answer: answerOf(says) }), ...rest }, 'body', (body) => {
    const request = renameIn(renameIn(body as Shape, IN_ANSWERS), IN_VOTES);
    return change(request, 'answer', answerOf);
  });

const dataOfEvent = (data: unknown): Shape => {
  const renamedData = renameIn(data as Shape, IN_EVENTS);
  return change(change(changeEach(renamedData, 'answers', offered), 'text', textOf), 'message', textOf);
};

const schedule = (value: unknown): Shape =>
  changeEach(command(value as Shape), 'blackouts', (blackout) => renameIn(blackout, IN_REASONS));

const preview = (document: Shape): Shape =>
  change(document, 'preview', (value) =>
    changeEach(
      changeEach(value as Shape, 'choices', (choice) => renameIn(choice, IN_REASONS)),
      'parts',
      (prerequisite) => renameIn(prerequisite, IN_REASONS),
    ),
  );

/** The migration steps from schema 9 to 10, by document type. */
export const RENAMED_IN_10: Readonly<Record<string, (older: Shape) => Shape>> = {
  job: (job) => changeEach(command(job), 'needs', need),
  answer: (answer) => change(renameIn(answer, IN_ANSWERS), 'answer', answerOf),
  step: (step) =>
    change(step, 'work', (work) =>
      change(work as Shape, 'part', (part) => renameIn(part as Shape, IN_REASONS)),
    ),
  preview,
  vmPreview: preview,
  callback: (callback) => renameIn(callback, IN_CALLBACKS),
  news: (entry) =>
    change(
      change(entry, 'news', (event) => eventNameOf(String(event), entry['data'] as Shape | undefined)),
      'data',
      dataOfEvent,
    ),
  alertRule: (document) => change(document, 'rule', (rule) => command(rule as Shape)),
  decision: (decision) => changeEach(command(decision), 'votes', (vote) => renameIn(vote, IN_VOTES)),
  schedule: (document) => change(command(document), 'schedule', schedule),
  occurrence: command,
};
