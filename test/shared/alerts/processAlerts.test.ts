// The effects of a decision. People hear of it after its end. A start that waited too long asks a
// person again.
import { processAlert, startDueDecision } from '../../../shared/alerts/processAlerts.ts';
import { receiveAlert } from '../../../shared/alerts/receive.ts';
import { recordVote } from '../../../shared/alerts/review.ts';
import { voteOn } from '../../support/vote.ts';
import { checkAndSaveRule } from '../../../shared/alerts/alertRules.ts';
import { refreshVaults } from '../../../shared/replications/refreshVaults.ts';
import { askAboutDecision, askAllQuestions } from '../../../shared/alerts/questions.ts';
import type { Caller } from '../../../shared/access/caller.ts';
import type { DecisionDocument } from '../../../shared/alerts/documents.ts';
import type { EventDocument } from '../../../shared/outbox/documents.ts';
import { readDecisionPage } from '../../../shared/alerts/store.ts';
import { questionStreamOf } from '../../../shared/delivery/questionReminderStore.ts';
import { queryDocuments, type WithEtag } from '../../../shared/store/cosmos.ts';
import { readJob } from '../../../shared/journal/job.ts';
import { readAllVms } from '../../../shared/replications/registry.ts';
import { startSimulatedStore, type SimulatedStore } from '../../support/simulated-store.ts';

const STALE_MINUTES = 15;
const caller = (id: string, role: Caller['roles'][number]): Caller => ({
  id,
  tenant: 't',
  name: id,
  roles: [role],
  door: 'rest',
});

let store: SimulatedStore;
let vms: readonly string[];
beforeAll(async () => {
  store = await startSimulatedStore(2, {
    LIFEBOAT_SERVICEBUS: '',
    LIFEBOAT_ALERT_STALE_MINUTES: String(STALE_MINUTES),
  });
  await refreshVaults();
  vms = (await readAllVms()).filter(({ settings }) => settings?.multiVmGroup === null).map(({ id }) => id);
});
afterAll(() => store.close());

/** The rule has decided about an alert that fired now. */
async function decided(name: string, vm: number, more: object): Promise<WithEtag<DecisionDocument>> {
  await checkAndSaveRule(
    name,
    { when: { names: [name] }, command: { operation: 'failover', vms: [vms[vm]] }, ...more },
    null,
    caller('olga', 'Owner'),
  );
  const alert = {
    source: 'generic',
    id: name,
    name,
    severity: 1,
    signal: 's',
    description: '',
    resources: [],
    regions: [],
    dimensions: {},
    firedAt: (await store.now()).toISOString(),
    resolvedAt: null,
  } as const;
  const taken = await receiveAlert(alert, { id: 'key:k', name: 'k', senderKey: 'key:k' });
  // The process that accepted the alert dies before any start.
  await processAlert(
    taken,
    () => Promise.resolve(),
    () => undefined,
  );
  return newest(name);
}
async function newest(name: string): Promise<WithEtag<DecisionDocument>> {
  const [decision] = (await readDecisionPage(name, 1)).items;
  if (!decision) throw new Error('Nothing was decided.');
  return decision;
}
const eventsAbout = async ({ id }: DecisionDocument) =>
  (
    await queryDocuments<EventDocument>('jobs', {
      where: "c.type = 'news'",
      orderBy: 'c.id',
      partition: { key: 'jobId', value: questionStreamOf(id) },
    })
  ).map(({ news, data }) => `${news}: ${data['text'] as string}`);

test('receivers hear of a slow start only once the job exists [TRG-4] [TRG-5]', async () => {
  const asked = await decided('slow', 0, { approval: {} });
  expect(await eventsAbout(asked)).toEqual([expect.stringMatching(/questionAsked|question\.asked/)]);
  const approved = await voteOn(asked, 'approved', caller('anna', 'Approver'));
  expect(approved.state).toBe('due');
  let eventsMeanwhile: readonly string[] | undefined;
  await startDueDecision(approved, async () => {
    // The start of the orchestration takes time, so the minute timer and other instances run
    // meanwhile.
    await askAllQuestions(() => undefined);
    await askAboutDecision(asked.id);
    eventsMeanwhile = await eventsAbout(asked);
  });
  expect(eventsMeanwhile).toHaveLength(1);
  await askAllQuestions(() => undefined);
  const { jobId } = await newest('slow');
  expect((await eventsAbout(asked)).slice(1)).toEqual([
    expect.stringMatching(`It is started: Started as job ${String(jobId)}\\.`),
  ]);
  expect(await readJob(jobId ?? '')).toMatchObject({ state: 'accepted', caller: { door: 'webhook' } });
});

test('a start that waits until its alert is stale asks a person again [TRG-4]', async () => {
  // The store fails during the start, and no retry comes for a long time.
  await store.faults.add({
    id: 'held',
    service: 'cosmos',
    path: '/colls/jobs/docs',
    body: '"type":"job"',
    point: 'received',
    do: { kind: 'status', status: 403 },
  });
  const due = await decided('held', 1, {});
  expect(due).toMatchObject({ verdict: 'start', state: 'due', approval: null });
  await store.faults.remove('held');
  await store.advance(STALE_MINUTES * 60 + 61);
  const begun: string[] = [];
  const begin = (job: { readonly jobId: string }) => Promise.resolve(void begun.push(job.jobId));
  const anew = await startDueDecision(due, begin);
  expect(anew).toMatchObject({
    state: 'waiting',
    dueAt: null,
    jobId: null,
    votes: [],
    approval: { people: 1, requester: 'olga' },
    outcome: expect.stringContaining('was due 16 minutes ago') as string,
  });
  expect(begun).toEqual([]);
  await askAboutDecision(due.id);
  expect(await eventsAbout(due)).toEqual([
    expect.stringContaining('was delayed. A person must say whether the command is still right.'),
  ]);
  if (!anew) throw new Error('The start has not asked.');
  await expect(voteOn(anew, 'approved', caller('olga', 'Approver'))).rejects.toMatchObject({
    code: 'OwnRequest',
  });
  // An answer to another question of this decision does not count.
  await expect(
    recordVote(
      anew.id,
      { question: 'approval:2026-01-01T00:00:00.000Z', answer: 'approved' },
      caller('anna', 'Approver'),
    ),
  ).rejects.toMatchObject({ code: 'NothingAsked', status: 409 });
  const started = await startDueDecision(await voteOn(anew, 'approved', caller('anna', 'Approver')), begin);
  expect(started).toMatchObject({ state: 'started', jobId: begun[0] });
});

test('a start with a shorter delay starts at once, and asks nobody [TRG-4]', async () => {
  await store.faults.add({
    id: 'short',
    service: 'cosmos',
    path: '/colls/jobs/docs',
    body: '"type":"job"',
    point: 'received',
    do: { kind: 'status', status: 403 },
  });
  const due = await decided('short', 2, {});
  await store.faults.remove('short');
  await store.advance((STALE_MINUTES - 1) * 60);
  expect(await startDueDecision(due, () => Promise.resolve())).toMatchObject({
    state: 'started',
    approval: null,
  });
});
