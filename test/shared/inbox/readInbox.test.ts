// The inbox against the simulator's Cosmos DB: it lists only questions that the caller may answer
// now, and each of its requests is accepted unchanged.
import type { Caller } from '../../../shared/access/caller.ts';
import { createGrant } from '../../../shared/access/grant.ts';
import { decideAboutAlert } from '../../../shared/alerts/decide.ts';
import type { AlertRuleDocument } from '../../../shared/alerts/documents.ts';
import { receiveAlert } from '../../../shared/alerts/receive.ts';
import { recordVote } from '../../../shared/alerts/review.ts';
import { AlertRule } from '../../../shared/alerts/rules/rule.ts';
import { clock } from '../../../shared/core/clock.ts';
import {
  AnswerRequest,
  type OpenQuestion,
  type ReadyRequest,
} from '../../../shared/delivery/answerRequest.ts';
import { readInbox, type InboxEntry } from '../../../shared/inbox/readInbox.ts';
import { answerQuestion } from '../../../shared/jobs/answerQuestion.ts';
import type { PendingQuestion } from '../../../shared/journal/documents.ts';
import { createJob } from '../../../shared/journal/job.ts';
import { stepIdOf } from '../../../shared/journal/steps.ts';
import { createDocument, queryDocuments, writeBatch } from '../../../shared/store/cosmos.ts';
import { namedDocumentIdOf, saveNamedDocument } from '../../../shared/store/namedDocuments.ts';
import { SCHEMA_VERSION } from '../../../shared/store/schema.ts';
import { actionWork, ActionRun } from '../../support/action-run.ts';
import { makeJobDocument } from '../../support/job-documents.ts';
import { startSimulatedStore, type SimulatedStore } from '../../support/simulated-store.ts';

let store: SimulatedStore;
beforeAll(async () => {
  store = await startSimulatedStore(3);
});
afterAll(() => store.close());
/** Each test has an inbox of its own. */
afterEach(async () => {
  for (const [container, key] of [
    ['jobs', 'jobId'],
    ['alerts', 'subject'],
    ['settings', 'kind'],
  ] as const)
    for (const stored of await queryDocuments<Readonly<Record<string, string>>>(container, { where: 'true' }))
      await writeBatch(container, stored[key] ?? '', [{ remove: stored['id'] ?? '' }]);
});

const makeCaller = (id: string, ...roles: string[]): Caller => ({
  id,
  name: id,
  tenant: 't',
  roles,
  door: 'rest',
});
const operator = makeCaller('bob', 'Operator');
const approver = makeCaller('eve', 'Approver');
/** The caller of every job of this test. */
const requester = makeCaller('c', 'Operator', 'Approver');

const ask = (node: string, kind: PendingQuestion['kind'], ...answers: PendingQuestion['answers']) => ({
  stepId: stepIdOf('action', node),
  kind,
  answers,
});
const QUESTIONS = [
  ask('look', 'manual', 'done', 'notDone'),
  ask('go', 'approval', 'approved', 'refused'),
  ask('named', 'approval', 'approved', 'refused'),
];
async function askingJob(jobId: string): Promise<ActionRun> {
  const job = await new ActionRun(store, jobId).begin({
    look: actionWork({ kind: 'manual', name: 'Look', instructions: 'Look.' }),
    go: actionWork({ kind: 'approval', name: 'Go', people: 2, timeoutMinutes: 30 }),
    named: actionWork({ kind: 'approval', name: 'Named', from: ['bob', 'dora'] }),
  });
  await job.poll();
  await job.saveQuestions(...QUESTIONS);
  return job;
}

/** A rule of the given author asks about an alert. */
async function askingRule(name: string, author: Caller): Promise<string> {
  const now = await clock().now();
  const rule = AlertRule.parse({
    when: { names: [name] },
    approval: {},
    command: { operation: 'failover', vms: [`vm-${'a'.repeat(26)}`] },
  });
  const document: AlertRuleDocument = {
    id: namedDocumentIdOf('alertRule', name),
    kind: 'alertRule',
    type: 'alertRule',
    schema: SCHEMA_VERSION,
    version: 1,
    rule,
    grant: createGrant(author, rule.command, now),
  };
  if (!(await saveNamedDocument(document, undefined))) throw new Error('The rule was not saved.');
  const { id } = await receiveAlert(
    {
      id: name,
      source: 'generic',
      name,
      severity: 0,
      signal: 'Metric',
      description: '',
      resources: [],
      regions: [],
      dimensions: {},
      firedAt: now.toISOString(),
      resolvedAt: null,
    },
    { id: 'key:grid', name: 'grid', senderKey: 'key:grid' },
  );
  const [decision] = await decideAboutAlert(id);
  if (!decision) throw new Error('The rule has not asked.');
  return decision.id;
}

const inboxOf = async (caller: Caller): Promise<readonly InboxEntry[]> =>
  (await readInbox(caller, 100)).entries;
const namesFor = async (caller: Caller): Promise<string[]> =>
  (await inboxOf(caller)).map(({ question }) => question.id).sort();
const ready = ({ answers }: OpenQuestion, answer: string): ReadyRequest => {
  const request = answers.find((candidate) => candidate.answer === answer);
  if (!request) throw new Error(`There is no request for ${answer}.`);
  return request;
};
/** Sends the body to the job or decision in the path, as the routes do. */
async function sendUnchanged({ path, body }: ReadyRequest, caller: Caller): Promise<void> {
  const [, kind = '', id = ''] = /^\/api\/v1\/(jobs|alert-decisions)\/([^/]+)\/answers$/.exec(path) ?? [];
  const request = AnswerRequest.parse(body);
  await (kind === 'jobs' ? answerQuestion(id, request, caller) : recordVote(id, request, caller));
}

test('each caller sees only questions that this caller may answer [JOB-3] [RBAC-1]', async () => {
  await askingJob('job-1');
  const decision = await askingRule('dark', makeCaller('c', 'Operator'));
  const [look, go, named] = QUESTIONS.map(({ stepId }) => `${stepId}:0`);
  const asked = (await inboxOf(approver)).find(({ askedBy }) => askedBy.type === 'decision');
  expect(asked?.askedBy).toMatchObject({ id: decision, rule: { name: 'dark' } });
  const rule = asked?.question.id;
  expect(await namesFor(operator)).toEqual([look, named].sort());
  expect(await namesFor(approver)).toEqual([go, rule].sort());
  expect(await namesFor(makeCaller('dora', 'Approver'))).toEqual([go, named, rule].sort());
  expect(await namesFor(requester)).toEqual([look]);
  expect(await namesFor(makeCaller('dora', 'Reader'))).toEqual([]);
  expect(await namesFor(makeCaller('alert', 'Alerts'))).toEqual([]);
});

test('each request of the inbox is accepted unchanged, and its question is gone at once [JOB-3] [OP-8]', async () => {
  await askingJob('job-1');
  await askingRule('dark', makeCaller('c', 'Operator'));
  for (const [caller, answer] of [
    [operator, 'refused'],
    [operator, 'done'],
    [approver, 'approved'],
  ] as const) {
    const before = await inboxOf(caller);
    const offered = before.filter(({ question }) =>
      question.answers.some((request) => request.answer === answer),
    );
    expect(offered.length).toBeGreaterThan(0);
    for (const { question } of offered) await sendUnchanged(ready(question, answer), caller);
    // The job itself still lists the questions: its orchestration has not acted yet, or has died.
    expect(await namesFor(caller)).toEqual(
      before.flatMap((entry) => (offered.includes(entry) ? [] : [entry.question.id])).sort(),
    );
    for (const { question } of offered) await sendUnchanged(ready(question, answer), caller);
  }
  // The first vote of two leaves the approval to the others.
  expect(await namesFor(makeCaller('joe', 'Approver'))).toEqual([`${stepIdOf('action', 'go')}:0`]);
});

test('a question that takes no more answers is not in the inbox [JOB-3]', async () => {
  const cancelled = await askingJob('job-1');
  await askingJob('job-2');
  await cancelled.setControl('cancelled');
  const jobsFor = async (caller: Caller): Promise<unknown[]> =>
    (await inboxOf(caller)).map(({ question, askedBy }) => [
      askedBy.type === 'job' && askedBy.jobId,
      question.step,
    ]);
  expect(await jobsFor(approver)).toEqual([['job-2', stepIdOf('action', 'go')]]);
  await store.advance(30 * 60);
  expect(await jobsFor(approver)).toEqual([]);
  expect(await jobsFor(operator)).toEqual([
    ['job-2', stepIdOf('action', 'look')],
    ['job-2', stepIdOf('action', 'named')],
  ]);
});

test('pages show each question once, and a token belongs to its caller [JOB-3]', async () => {
  const jobs = Array.from({ length: 7 }, (_, at) => `job-${at}`);
  for (const job of jobs) await askingJob(job);
  for (const name of ['one', 'two']) await askingRule(name, makeCaller('c', 'Operator'));
  const both = makeCaller('dora', 'Owner', 'Approver');
  const all = (await readInbox(both, 100)).entries;
  expect(all).toHaveLength(7 * 3 + 2);
  const found: string[] = [];
  let next: string | undefined;
  for (let pages = 0; pages === 0 || next !== undefined; pages++) {
    const page = await readInbox(both, 4, next);
    // A page ends with a whole job.
    expect(page.entries.length).toBeLessThanOrEqual(4 + 2);
    expect(page.entries.map(({ question }) => question.since)).toEqual(
      page.entries.map(({ question }) => question.since).sort(),
    );
    found.push(
      ...page.entries.flatMap(({ question }) => question.answers.map(({ path }) => path + question.id)),
    );
    if (pages === 0)
      await expect(readInbox(approver, 4, page.next ?? '')).rejects.toMatchObject({
        code: 'ContinuationInvalid',
      });
    next = page.next ?? undefined;
  }
  expect(found.sort()).toEqual(
    all.flatMap(({ question }) => question.answers.map(({ path }) => path + question.id)).sort(),
  );
  await expect(readInbox(both, 4, 'AAAA')).rejects.toMatchObject({ code: 'ContinuationInvalid' });
});

test('the inbox reads three lists, with any number of jobs that ask nothing [JOB-3]', async () => {
  const now = (await store.now()).toISOString();
  for (let at = 0; at < 40; at++)
    await createJob({
      ...makeJobDocument(`job-quiet-${at}`, now),
      state: at % 2 === 0 ? 'running' : 'completed',
    });
  for (let at = 0; at < 20; at++)
    await createDocument('alerts', {
      id: `decision-${at}`,
      type: 'decision',
      subject: `rule:${at}`,
      state: 'nothing',
    });
  await askingJob('job-1');
  await readInbox(makeCaller('dora', 'Owner', 'Approver'), 100);
  const counter = {
    service: 'cosmos',
    method: 'POST',
    point: 'received',
    skip: Number.MAX_SAFE_INTEGER,
  } as const;
  await store.faults.add({ id: 'all', ...counter, do: { kind: 'delay', milliseconds: 0 } });
  const { entries } = await readInbox(makeCaller('dora', 'Owner', 'Approver'), 100);
  expect(entries.map(({ question }) => question.step)).toEqual(QUESTIONS.map(({ stepId }) => stepId));
  const [counted] = await store.faults.list();
  // Each list asks for its query plan, and then each of the three partition ranges.
  expect(counted?.seen).toBeLessThanOrEqual(3 * (1 + 3));
  const [reader, noReader] = [counted?.seen, await readInbox(makeCaller('r', 'Reader'), 100)];
  expect(noReader).toEqual({ entries: [], next: null });
  expect((await store.faults.list())[0]?.seen).toBe(reader);
});
