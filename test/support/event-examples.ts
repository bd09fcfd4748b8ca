// One event of each kind, made as the product makes them of what changed: the examples in
// docs/events.md are these.
import { newsOfJob, newsOfStep } from '../../shared/journal/outbox.ts';
import { eventOf, type CloudEvent } from '../../shared/delivery/cloudEvent.ts';
import { News } from '../../shared/outbox/rules/events.ts';
import { alarmEntry } from '../../shared/alarms/store.ts';
import { SCHEMA } from '../../shared/store/schema.ts';
import type { AlarmDocument } from '../../shared/alarms/documents.ts';
import type { EntryDocument } from '../../shared/outbox/documents.ts';
import type { JobDocument, StepDocument } from '../../shared/journal/documents.ts';
import type { RunbookDocument } from '../../shared/plans/documents.ts';
import { askingMessage, endMessage } from '../../shared/delivery/messages.ts';
import { linkOf, questionsOfJob } from '../../shared/delivery/questions.ts';
import { digestOf } from '../../shared/core/ids.ts';
import { newsOfRunbook } from '../../shared/runs/runbook.ts';
import { runbookEntry, runbookStreamOf } from '../../shared/delivery/runbookStore.ts';
import { entryOf, streamOf } from '../../shared/delivery/askingStore.ts';
import { jobOf, stepOf } from './job-documents.ts';

const JOB = 'job-b5jm3c2kq7a4xq6o3n2hd5wzti';
const VM = 'vm-3kcuvnnxf4jigebwruorc3phmn';
const at = (minute: number): Date => new Date(Date.UTC(2026, 0, 5, 8, minute));

const accepted: JobDocument = {
  ...jobOf(JOB, at(0).toISOString()),
  command: {
    operation: 'failover',
    vms: [VM],
    adopt: false,
    kind: 'unplanned',
    recoveryPoint: 'latest',
    shutDownSource: false,
    ticket: 'CHG0030001',
  },
  vmCount: 1,
  caller: { id: 'c', name: 'ada@contoso.example', tenant: 't', roles: [], door: 'rest' },
};
const running: JobDocument = { ...accepted, state: 'running', run: 'r' };
const takenOver: JobDocument = { ...running, epoch: 2, run: null };
const waiting: StepDocument = { ...stepOf(JOB, VM), targetName: 'web' };
const started: StepDocument = {
  ...waiting,
  state: 'started',
  attempt: 1,
  armJobId:
    '/subscriptions/5b0c7d1e-8f3a-4c26-9e57-d04b2a6f1c83/resourceGroups/recovery/providers/Microsoft.RecoveryServices/vaults/shop/replicationJobs/9f1c4a70-2c55-4f0e-8a34-61d1b0f7c2de',
};
const failed: StepDocument = {
  ...started,
  state: 'failed',
  error: { kind: 'Rejected', code: '150198', message: 'The recovery point was not found.' },
};
const ended: JobDocument = {
  ...running,
  state: 'completedWithExceptions',
  exceptionCount: 1,
  warningCount: 1,
  warnings: [
    {
      code: 'HealthNotNormal',
      message: 'The replication health of web is Warning.',
      vm: { id: VM, name: 'web' },
    },
  ],
};
const retried: JobDocument = { ...ended, state: 'accepted', epoch: 2, run: null };

const only = (entries: readonly EntryDocument[], number: number): CloudEvent => {
  const [entry, ...more] = entries;
  if (!entry || more.length > 0) throw new Error('One change, one event.');
  return eventOf({ ...entry, number });
};

/** What the job asks while it runs by a plan, and that it does no more. */
const asking: JobDocument = {
  ...running,
  plan: { id: 'shop', version: 3, name: 'Shop' },
  needs: [
    {
      stepId: 'step:check:web',
      tries: 0,
      kind: 'manual',
      name: 'Look at the shop',
      message: 'Open the shop and buy something.',
      since: at(3).toISOString(),
      until: null,
      answers: ['done', 'notDone'],
    },
  ],
};
function messages(): readonly CloudEvent[] {
  const questions = questionsOfJob(asking);
  const asked = {
    key: questions[0]?.key ?? '',
    title: questions[0]?.title ?? '',
    subject: questions[0]?.subject ?? '',
    times: 1,
    lastAt: at(3).toISOString(),
  };
  const over = endMessage(asked, {
    end: 'It was answered, or is no question any more.',
    link: linkOf('jobs', JOB),
  });
  return [...askingMessage(asked, questions), over].map((message, i) =>
    only([entryOf(streamOf(JOB), message, i, at(3 + i))], i + 1),
  );
}

/** A VM of the plan is further behind than its target allows, and then no more. */
const raised: AlarmDocument = {
  id: 'alarm',
  type: 'alarm',
  schema: SCHEMA,
  jobId: 'alarm-x2hq7nfw3m6ka5cdv4tzbeyrpo',
  key: 'k',
  count: 1,
  kind: 'behindTarget',
  planId: 'shop',
  planName: 'Shop',
  vm: VM,
  vmName: 'web',
  message: 'web is 42 minutes behind; the plan Shop allows 30.',
  raisedAt: at(0).toISOString(),
  clearedAt: null,
  clearedBecause: null,
};

/** The shop was saved again. */
const page = '# By hand: Shop\n\nVersion 3 of the plan `shop`, ...\n';
const told: RunbookDocument = {
  id: 'runbook',
  type: 'runbook',
  schema: SCHEMA,
  jobId: runbookStreamOf('shop'),
  planId: 'shop',
  version: 3,
  fingerprint: 'f',
  digest: digestOf(page),
  madeAt: at(0).toISOString(),
  seenAt: at(0).toISOString(),
  count: 2,
};

/** Once the settings are there: an address of the app's own may be in them. */
export const examples = (): readonly CloudEvent[] => [
  only(newsOfJob(undefined, accepted, at(0)), 1),
  only(newsOfJob(accepted, running, at(0)), 2),
  only(newsOfJob(running, takenOver, at(9)), 3),
  only(newsOfJob(ended, retried, at(30)), 6),
  only(newsOfStep(waiting, started, 1, at(1)), 3),
  only(newsOfStep(started, failed, 2, at(4)), 4),
  only(newsOfJob(running, ended, at(5)), 5),
  only(newsOfJob(running, { ...asking, asked: 1 }, at(3)), 4),
  ...messages(),
  only([alarmEntry(raised, News.alarmRaised, raised.raisedAt, raised.message)], 1),
  only([alarmEntry(raised, News.alarmCleared, at(20).toISOString(), 'It is no longer so.')], 2),
  only([runbookEntry(told, newsOfRunbook(told, 'Shop', page))], 2),
];
