// Effects of pure reads: they return the stored state, page by page without gaps, and change
// nothing.
import type { OccurrenceDocument } from '../../../shared/schedules/documents.ts';
import { approvalQuestionIdOf } from '../../../shared/alerts/questions.ts';
import type { InboxQuestion } from '../../../shared/api/inboxView.ts';
import type { Replication } from '../../support/lifeboat-client.ts';
import { questionIdOf } from '../../../shared/journal/answers.ts';
import type { StepDocument } from '../../../shared/journal/documents.ts';
import {
  sentBody,
  check,
  checkSame,
  checkPages,
  pathParameters,
  type AcceptedCase,
  type Effect,
  type EffectKind,
} from './effect.ts';

type View = Readonly<Record<string, unknown>>;
type ReadCheck = (accepted: AcceptedCase, body: View) => void | Promise<void>;

const readEffect =
  (checkRead: ReadCheck, seen: EffectKind = 'look'): Effect =>
  async (accepted) => {
    checkSame(accepted.changed, [], 'Changes by a read');
    await checkRead(accepted, accepted.answer.body as View);
    return seen;
  };
const sameForAllEffect: Effect = readEffect(() => undefined, 'same');

const id = (accepted: AcceptedCase): string => pathParameters(accepted)['id'] ?? '';
const planId = (accepted: AcceptedCase): string => pathParameters(accepted)['planId'] ?? '';
const queryParameter = ({ drawnCase }: AcceptedCase, name: string): string | undefined =>
  drawnCase.query.find(([text]) => text === name)?.[1].trim();
const queryWords = (accepted: AcceptedCase, name: string): readonly string[] | undefined =>
  queryParameter(accepted, name)
    ?.split(',')
    .map((word) => word.trim());
const idsOf = (list: unknown): string[] =>
  (list as readonly { readonly id: string }[]).map((entry) => entry.id).sort();

/** The list contains all existing items and no others. */
const listEffect = (name: string, all: (accepted: AcceptedCase) => readonly string[]): Effect =>
  readEffect((accepted, body) =>
    checkSame(idsOf(body[name]), all(accepted).toSorted(), `The list of ${name}`),
  );
/** Every question of the inbox is open, and its requests name it. */
const checkInbox: ReadCheck = (accepted, body) => {
  const { openJobs, decisions } = accepted.before;
  for (const { id, job, decision, answers } of body['questions'] as readonly InboxQuestion[]) {
    const asked =
      decisions.some(
        ({ id: known, state, approval }) =>
          known === decision && state === 'waiting' && approval && approvalQuestionIdOf(approval) === id,
      ) ||
      openJobs.some(({ jobId, needs }) => jobId === job && needs.some((need) => questionIdOf(need) === id));
    check(asked, 'Nobody asks this question.', [id, job, decision]);
    check(
      answers.length > 0 && answers.every((ready) => ready.body.question === id),
      'A request answers another question.',
      answers,
    );
  }
};
const checkIdIn =
  (field: string): ReadCheck =>
  (accepted, body) =>
    checkSame(body[field], id(accepted), 'Requested values');

const checkJobs: ReadCheck = async (accepted, body) => {
  const {
    before: { jobs: known },
  } = accepted;
  const [states, operations, ticket, plan, caller, since, until] = [
    queryWords(accepted, 'state'),
    queryWords(accepted, 'operation'),
    queryParameter(accepted, 'ticket'),
    queryParameter(accepted, 'plan'),
    queryParameter(accepted, 'caller'),
    queryParameter(accepted, 'since'),
    queryParameter(accepted, 'until'),
  ];
  for (const entry of body['jobs'] as readonly {
    id: string;
    state: string;
    operation: string;
    ticket: string | null;
    plan: { id: string } | null;
    requestedBy: { id: string };
    acceptedAt: string;
  }[]) {
    const job = known.find(({ jobId }) => jobId === entry.id);
    check(
      job !== undefined && job.command.operation === entry.operation,
      'The list contains a job that does not exist.',
      entry,
    );
    check(
      (states?.includes(entry.state) ?? true) &&
        (operations?.includes(entry.operation) ?? true) &&
        (ticket === undefined || entry.ticket === ticket) &&
        (plan === undefined || entry.plan?.id === plan) &&
        (caller === undefined || entry.requestedBy.id === caller) &&
        (since === undefined || Date.parse(entry.acceptedAt) >= Date.parse(since)) &&
        (until === undefined || Date.parse(entry.acceptedAt) <= Date.parse(until)),
      'The list contains a job outside the filter.',
      accepted.drawnCase.query,
      entry,
    );
  }
  await checkPages(accepted, 'jobs', (entry) => (entry as { id: string }).id);
  if (
    accepted.drawnCase.query.every(([name]) => name === 'limit') &&
    (body['next'] ?? null) === null &&
    queryParameter(accepted, 'limit') === undefined
  )
    checkSame(idsOf(body['jobs']), known.map(({ jobId }) => jobId).sort(), 'The list of jobs');
};

const checkReplications: ReadCheck = async (accepted, body) => {
  const { vms, openJobs } = accepted.before;
  const [states, scenarios, healths, name, region] = [
    queryWords(accepted, 'state'),
    queryWords(accepted, 'scenario'),
    queryWords(accepted, 'health'),
    queryParameter(accepted, 'name'),
    queryParameter(accepted, 'region'),
  ];
  for (const entry of body['replications'] as readonly Replication[]) {
    const { id: entryId, enabling } = entry;
    check(
      enabling === null
        ? vms.some((vm) => vm.id === entryId)
        : enabling.job === null || openJobs.some(({ jobId }) => jobId === enabling.job),
      'The list contains a VM that does not exist.',
      entry,
    );
    check(
      (states?.includes(entry.state) ?? true) &&
        (scenarios?.includes(entry.scenario) ?? true) &&
        (healths?.includes(entry.health?.toLowerCase() ?? '') ?? true) &&
        (name === undefined || entry.name.toLowerCase().includes(name.toLowerCase())) &&
        (region === undefined || Object.values(entry.sites).some((site) => site.region === region)),
      'The list contains a VM outside the filter.',
      accepted.drawnCase.query,
      entry,
    );
  }
  await checkPages(accepted, 'replications', (entry) => (entry as { id: string }).id);
  if (accepted.drawnCase.query.length === 0 && (body['next'] ?? null) === null)
    checkSame(
      idsOf((body['replications'] as readonly Replication[]).filter(({ enabling }) => enabling === null)),
      vms.map((vm) => vm.id).toSorted(),
      'The list of replications',
    );
};

const checkJob: ReadCheck = (accepted, body) => {
  const steps = accepted.environment.storedState
    .documents<StepDocument>('step')
    .filter(({ jobId }) => jobId === id(accepted));
  checkSame(
    [body['id'], body['state'], (body['steps'] as unknown[]).length],
    [id(accepted), accepted.before.jobs.find(({ jobId }) => jobId === id(accepted))?.state, steps.length],
    'The job',
  );
};

const checkSteps: ReadCheck = (accepted, body) => {
  const [states, phase] = [queryWords(accepted, 'state'), queryParameter(accepted, 'phase')];
  for (const entry of body['steps'] as readonly { state: string; phase: string }[])
    check(
      (states?.includes(entry.state) ?? true) && (phase === undefined || entry.phase === phase),
      'The list contains a step outside the filter.',
      entry,
    );
  return checkPages(accepted, 'steps', (entry) => JSON.stringify(entry));
};

const eventsEffect: Effect = readEffect(({ answer, drawnCase }) => {
  if (answer.status === 204) return;
  const [first] = [...answer.text.matchAll(/^id: (\d+)$/gm)].map(([, number]) => Number(number));
  const after = Number(
    drawnCase.sent.headers['last-event-id'] || (drawnCase.query.find(([name]) => name === 'after')?.[1] ?? 0),
  );
  check(
    first === undefined || first === after + 1,
    'The events do not continue at their position.',
    answer.text.slice(0, 300),
  );
});

const checkPlan: ReadCheck = (accepted, body) => {
  const version = queryParameter(accepted, 'version');
  const known = accepted.before.plans.find((plan) => plan.planId === planId(accepted));
  checkSame(
    [body['id'], body['version'], accepted.answer.headers.get('etag')],
    [planId(accepted), Number(version ?? known?.version), `"${Number(version ?? known?.version)}"`],
    'The plan',
  );
  if (version === undefined)
    checkSame(body['plan'], JSON.parse(JSON.stringify(known?.plan)), 'Content of the plan');
};

const versionEffect = (list: (accepted: AcceptedCase) => readonly { readonly version: number }[]): Effect =>
  readEffect((accepted, body) => {
    checkSame(body['id'], id(accepted), 'Requested values');
    checkSame(
      [body['version'], accepted.answer.headers.get('etag')],
      [list(accepted)[0]?.version, `"${list(accepted)[0]?.version}"`],
      'Its version',
    );
  });

/** The answer contains each requested VM: protectable, or the reason against it. */
const checkPreview: ReadCheck = (accepted, body) => {
  const { vms = [] } = sentBody(accepted) as { vms?: readonly { id: string }[] };
  checkSame((body['vms'] as readonly unknown[]).length, vms.length, 'How many VMs the preview is about');
};

const hasName =
  (name: string) =>
  (document: { readonly id: string }): boolean =>
    document.id.endsWith(`:${name}`);

export const READ_EFFECTS: Readonly<Record<string, Effect>> = {
  'GET /api/openapi.json': sameForAllEffect,
  'GET /api/v1/health': sameForAllEffect,
  'GET /api/privacy': sameForAllEffect,
  'GET /api/v1/privacy': sameForAllEffect,
  'GET /api/problems': sameForAllEffect,
  'GET /api/problems/{code}': readEffect((accepted, body) =>
    checkSame(body['code'], pathParameters(accepted)['code'], 'The code'),
  ),
  'GET /api/v1/schemas/resource-map': sameForAllEffect,
  'GET /api/v1/firewall': readEffect((accepted, body) =>
    checkSame(
      (body['source'] as { region?: unknown }).region,
      queryParameter(accepted, 'region'),
      'The region',
    ),
  ),
  'GET /api/v1/check-confirmations': readEffect((accepted) =>
    checkPages(accepted, 'confirmations', (entry) => (entry as { id: string }).id),
  ),
  'GET /api/v1/ready': readEffect((_accepted, body) =>
    check(body['status'] !== 'down', 'It says that it is not ready.', body),
  ),
  'GET /api/v1/jobs': readEffect(checkJobs),
  'GET /api/v1/jobs/{id}': readEffect(checkJob),
  'GET /api/v1/jobs/{id}/steps': readEffect(checkSteps),
  'GET /api/v1/jobs/{id}/events': eventsEffect,
  'GET /api/v1/jobs/{id}/log': readEffect((accepted) =>
    checkPages(accepted, 'log', (entry) => JSON.stringify(entry)),
  ),
  'GET /api/v1/jobs/{id}/deliveries': readEffect(({ environment, drawnCase }, body) =>
    checkSame(
      (body['targets'] as readonly unknown[]).length,
      environment.storedState
        .documents<{ jobId: string }>('delivery')
        .filter(({ jobId }) => jobId === drawnCase.params['id']).length,
      'Number of receivers',
    ),
  ),
  'GET /api/v1/jobs/{id}/measures': readEffect((accepted) =>
    checkPages(accepted, 'vms', (entry) => (entry as { vm: string }).vm),
  ),
  'GET /api/v1/jobs/{id}/report': readEffect((accepted, body) =>
    typeof body === 'string'
      ? check(/^# /.test(body), 'That is no report.', body)
      : checkSame(
          [body['job'], body['operation']],
          [id(accepted), accepted.before.jobs.find(({ jobId }) => jobId === id(accepted))?.command.operation],
          'The report',
        ),
  ),
  'GET /api/v1/jobs/{id}/map': readEffect((accepted, body) =>
    typeof body === 'string'
      ? check(/^\S*,/.test(body), 'That is no CSV.', body)
      : checkSame(body['job'], id(accepted), 'The job'),
  ),
  'GET /api/v1/replications': readEffect(checkReplications),
  'GET /api/v1/replications/{id}': readEffect(checkIdIn('id')),
  'GET /api/v1/vaults': readEffect(({ before }, body) =>
    check(
      idsOf(body['vaults']).some((text) => before.vaults.includes(text)),
      'The vault is missing.',
      body,
    ),
  ),
  'GET /api/v1/vaults/{vaultId}': readEffect((accepted, body) =>
    checkSame(body['id'], accepted.drawnCase.params['vaultId'], 'The vault'),
  ),
  'GET /api/v1/vaults/{vaultId}/plans': readEffect((_accepted, body) =>
    check(
      (body['plans'] as readonly { name: string }[]).some(({ name }) => name === 'orders'),
      'Its plan is missing.',
      body,
    ),
  ),
  'GET /api/v1/plans': listEffect('plans', ({ before }) => before.plans.map((plan) => plan.planId)),
  'GET /api/v1/plans/{planId}': readEffect(checkPlan),
  'GET /api/v1/plans/{planId}/runbook': readEffect(({ answer }) =>
    check(answer.text.startsWith('# '), 'That is no runbook.', answer.text.slice(0, 200)),
  ),
  'POST /api/v1/plan-lint': readEffect((_accepted, body) =>
    check(Array.isArray(body['findings']), 'There are no findings.'),
  ),
  'POST /api/v1/plans/{planId}/preview': readEffect((accepted, body) =>
    checkSame(
      [(body['plan'] as View)['id'], body['operation']],
      [planId(accepted), (sentBody(accepted) as View)['operation']],
      'Content of the preview',
    ),
  ),
  'GET /api/v1/plans/{planId}/schedules': listEffect('schedules', (accepted) =>
    accepted.before.schedules
      .filter((schedule) => schedule.planId === planId(accepted))
      .map(({ scheduleId }) => scheduleId),
  ),
  'GET /api/v1/plans/{planId}/schedules/{id}': versionEffect((accepted) =>
    accepted.before.schedules.filter(
      (schedule) => schedule.planId === planId(accepted) && schedule.scheduleId === id(accepted),
    ),
  ),
  'GET /api/v1/plans/{planId}/schedules/{id}/occurrences': readEffect(async (accepted) => {
    await checkPages(accepted, 'occurrences', (entry) => (entry as { due: string }).due);
    const all = accepted.environment.storedState
      .documents<OccurrenceDocument>('occurrence')
      .filter((document) => document.planId === planId(accepted) && document.scheduleId === id(accepted));
    check(
      all.length > 0 || (accepted.answer.body as { occurrences: unknown[] }).occurrences.length === 0,
      'The answer contains starts that did not happen.',
    );
  }),
  'GET /api/v1/inbox': readEffect(checkInbox),
  'GET /api/v1/undelivered': listEffect('undelivered', ({ before }) =>
    before.gaps.filter(({ resumedAt }) => resumedAt === null).map((range) => range.id),
  ),
  'GET /api/v1/callbacks': listEffect('callbacks', ({ before }) =>
    before.callbacks.map((callback) => callback.id.replace('callback:', '')),
  ),
  'GET /api/v1/callbacks/{id}': versionEffect((accepted) =>
    accepted.before.callbacks.filter(hasName(id(accepted))),
  ),
  'GET /api/v1/alert-rules': listEffect('rules', ({ before }) =>
    before.rules.map((rule) => rule.id.replace('alertRule:', '')),
  ),
  'GET /api/v1/alert-rules/{id}': versionEffect((accepted) =>
    accepted.before.rules.filter(hasName(id(accepted))),
  ),
  'GET /api/v1/alert-rules/{id}/decisions': readEffect(async (accepted, body) => {
    for (const entry of body['decisions'] as readonly { rule: { name: string } }[])
      checkSame(entry.rule.name, id(accepted), 'Rule of the decision');
    await checkPages(accepted, 'decisions', (entry) => (entry as { id: string }).id);
  }),
  'GET /api/v1/alert-decisions/{id}': readEffect(checkIdIn('id')),
  'GET /api/v1/alarms/{id}': readEffect(checkIdIn('id')),
  'GET /api/v1/alarms': readEffect((accepted, body) => {
    const meant = accepted.before.alarms.filter(
      (alarm) =>
        (queryParameter(accepted, 'state') === 'all' || alarm.clearedAt === null) &&
        (queryParameter(accepted, 'plan') === undefined || alarm.planId === queryParameter(accepted, 'plan')),
    );
    checkSame(idsOf(body['alarms']), meant.map(({ jobId }) => jobId).sort(), 'The alarms');
  }),
  'GET /api/v1/sources/vms': readEffect((_accepted, body) =>
    check((body['vms'] as unknown[]).length >= 0, 'There is no list.'),
  ),
  'GET /api/v1/sources/sites': readEffect((_accepted, body) =>
    check(Array.isArray(body['sites']), 'There is no list.'),
  ),
  // A key changes the vault only. The answer holds it, and no document does.
  'POST /api/v1/vaults/{vaultId}/registration-keys': readEffect((_accepted, body) => {
    check(String(body['key']).includes('<RSVaultAsrCreds'), 'The answer has no key.', body['fileName']);
    check((body['steps'] as unknown[]).length > 0, 'There are no steps.');
  }),
  'GET /api/v1/options': readEffect((_accepted, body) =>
    check(Object.keys(body).length > 0, 'There is nothing to choose.'),
  ),
  'POST /api/v1/previews': readEffect(checkPreview),
  'POST /api/v1/change-previews': readEffect((accepted, body) =>
    checkSame(
      idsOf(body['vms']),
      (sentBody(accepted) as { vms: string[] }).vms.toSorted(),
      'The VMs of the preview',
    ),
  ),
  'POST /api/v1/readiness': readEffect((_accepted, body) =>
    check((body['reports'] as unknown[]).length > 0, 'There is no report.'),
  ),
  'POST /api/v1/network-rules': readEffect((_accepted, body) =>
    check(Object.keys(body).length > 0, 'There are no rules.'),
  ),
};
