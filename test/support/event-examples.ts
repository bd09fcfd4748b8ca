// One event of each kind, made by the product's code from a change. These are the examples in
// docs/events.md.
import { eventsOfJobChange, eventsOfStepChange } from '../../shared/journal/outbox.ts';
import { toCloudEvent, type CloudEvent } from '../../shared/delivery/cloudEvent.ts';
import { EventName } from '../../shared/outbox/rules/events.ts';
import { alarmEventOf } from '../../shared/alarms/store.ts';
import { SCHEMA_VERSION } from '../../shared/store/schema.ts';
import type { AlarmDocument } from '../../shared/alarms/documents.ts';
import type { EventDocument } from '../../shared/outbox/documents.ts';
import type { JobDocument, StepDocument } from '../../shared/journal/documents.ts';
import type { RunbookDocument } from '../../shared/plans/documents.ts';
import { endedMessage, noteMessage, reminderMessages } from '../../shared/delivery/questionMessages.ts';
import { apiLinkOf, questionsOfJob } from '../../shared/delivery/questions.ts';
import { sha256Of } from '../../shared/core/ids.ts';
import { runbookEventData } from '../../shared/runs/publishRunbook.ts';
import { runbookEventOf, runbookStreamOf } from '../../shared/delivery/runbookStore.ts';
import { questionEventOf, questionStreamOf } from '../../shared/delivery/questionReminderStore.ts';
import { makeJobDocument, makeStepDocument } from './job-documents.ts';

const JOB = 'job-b5jm3c2kq7a4xq6o3n2hd5wzti';
const VM = 'vm-3kcuvnnxf4jigebwruorc3phmn';
const timeAtMinute = (minute: number): Date => new Date(Date.UTC(2026, 0, 5, 8, minute));

const accepted: JobDocument = {
  ...makeJobDocument(JOB, timeAtMinute(0).toISOString()),
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
const waiting: StepDocument = { ...makeStepDocument(JOB, VM), targetName: 'web' };
const started: StepDocument = {
  ...waiting,
  state: 'started',
  attempt: 1,
  armJobId: '9f1c4a70-2c55-4f0e-8a34-61d1b0f7c2de',
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

const singleEvent = (entries: readonly EventDocument[], number: number): CloudEvent => {
  const [entry, ...more] = entries;
  if (!entry || more.length > 0) throw new Error('One change, one event.');
  return toCloudEvent({ ...entry, number });
};

/** The question of a running plan job, and the end of the question. */
const jobWithQuestion: JobDocument = {
  ...running,
  plan: { id: 'shop', version: 3, name: 'Shop' },
  needs: [
    {
      stepId: 'step:check:web',
      tries: 0,
      kind: 'manual',
      name: 'Look at the shop',
      message: 'Open the shop and buy something.',
      since: timeAtMinute(3).toISOString(),
      until: null,
      answers: ['done', 'notDone'],
    },
  ],
};
const DECISION = 'decision-b5jm3c2kq7a4xq6o3n2hd5wzti';
function makeQuestionMessages(): readonly CloudEvent[] {
  const questions = questionsOfJob(jobWithQuestion);
  const askedQuestion = {
    key: questions[0]?.key ?? '',
    title: questions[0]?.title ?? '',
    subject: questions[0]?.subject ?? '',
    times: 1,
    lastAt: timeAtMinute(3).toISOString(),
  };
  const over = endedMessage(askedQuestion, {
    endText: 'The question has an answer, or is no longer open.',
    link: apiLinkOf('jobs', JOB),
  });
  const note = noteMessage(
    {
      key: 'cleared:1',
      subject: 'decision',
      title: 'The alert is over: web is dark',
      text: '1 of 1 alerts are over. The question stays open.',
      link: apiLinkOf('alert-decisions', DECISION),
    },
    [askedQuestion],
  );
  return [
    ...[...reminderMessages(askedQuestion, questions), over].map((message, i) =>
      singleEvent([questionEventOf(questionStreamOf(JOB), message, i, timeAtMinute(3 + i))], i + 1),
    ),
    singleEvent([questionEventOf(questionStreamOf(DECISION), note, 1, timeAtMinute(9))], 2),
  ];
}

/** A VM of the plan exceeds its target, and later meets it again. */
const raisedAlarm: AlarmDocument = {
  id: 'alarm',
  type: 'alarm',
  schema: SCHEMA_VERSION,
  jobId: 'alarm-x2hq7nfw3m6ka5cdv4tzbeyrpo',
  key: 'k',
  count: 1,
  kind: 'behindTarget',
  planId: 'shop',
  planName: 'Shop',
  vm: VM,
  vmName: 'web',
  message: 'web is 42 minutes behind; the plan Shop allows 30.',
  raisedAt: timeAtMinute(0).toISOString(),
  clearedAt: null,
  clearedBecause: null,
};

/** A new version of the shop plan. */
const runbookText = '# Failover by hand: Shop\n\nVersion 3 of the plan `shop`, ...\n';
const runbookDocument: RunbookDocument = {
  id: 'runbook',
  type: 'runbook',
  schema: SCHEMA_VERSION,
  jobId: runbookStreamOf('shop'),
  planId: 'shop',
  version: 3,
  fingerprint: 'f',
  digest: sha256Of(runbookText),
  madeAt: timeAtMinute(0).toISOString(),
  seenAt: timeAtMinute(0).toISOString(),
  count: 2,
};

/** Call this after the settings exist: an event may contain an address of the app itself. */
export const makeExampleEvents = (): readonly CloudEvent[] => [
  singleEvent(eventsOfJobChange(undefined, accepted, timeAtMinute(0)), 1),
  singleEvent(eventsOfJobChange(accepted, running, timeAtMinute(0)), 2),
  singleEvent(eventsOfJobChange(running, takenOver, timeAtMinute(9)), 3),
  singleEvent(eventsOfJobChange(ended, retried, timeAtMinute(30)), 6),
  singleEvent(eventsOfStepChange(waiting, started, 1, timeAtMinute(1)), 3),
  singleEvent(eventsOfStepChange(started, failed, 2, timeAtMinute(4)), 4),
  singleEvent(eventsOfJobChange(running, ended, timeAtMinute(5)), 5),
  singleEvent(eventsOfJobChange(running, { ...jobWithQuestion, asked: 1 }, timeAtMinute(3)), 4),
  ...makeQuestionMessages(),
  singleEvent(
    [alarmEventOf(raisedAlarm, EventName.alarmRaised, raisedAlarm.raisedAt, raisedAlarm.message)],
    1,
  ),
  singleEvent(
    [
      alarmEventOf(
        raisedAlarm,
        EventName.alarmCleared,
        timeAtMinute(20).toISOString(),
        'It is no longer so.',
      ),
    ],
    2,
  ),
  singleEvent([runbookEventOf(runbookDocument, runbookEventData(runbookDocument, 'Shop', runbookText))], 2),
];
