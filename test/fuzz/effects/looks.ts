// What only reads: it tells what is stored, page by page without holes, and changes nothing.
import type { OccurrenceDocument } from '../../../shared/schedules/documents.ts';
import type { StepDocument } from '../../../shared/journal/documents.ts';
import {
  bodyOf,
  must,
  mustBeSame,
  mustGoOn,
  partsOf,
  type Accepted,
  type Effect,
  type Seen,
} from './effect.ts';

type View = Readonly<Record<string, unknown>>;
type Look = (accepted: Accepted, body: View) => void | Promise<void>;

const looking =
  (look: Look, seen: Seen = 'look'): Effect =>
  async (accepted) => {
    mustBeSame(accepted.changed, [], 'What a look has changed');
    await look(accepted, accepted.answer.body as View);
    return seen;
  };
const same: Effect = looking(() => undefined, 'same');

const id = (accepted: Accepted): string => partsOf(accepted)['id'] ?? '';
const planId = (accepted: Accepted): string => partsOf(accepted)['planId'] ?? '';
const asked = ({ drawn }: Accepted, name: string): string | undefined =>
  drawn.query.find(([one]) => one === name)?.[1].trim();
const words = (accepted: Accepted, name: string): readonly string[] | undefined =>
  asked(accepted, name)
    ?.split(',')
    .map((word) => word.trim());
const idsOf = (list: unknown): string[] =>
  (list as readonly { readonly id: string }[]).map((one) => one.id).sort();

/** All that there are, and no other. */
const listed = (name: string, all: (accepted: Accepted) => readonly string[]): Effect =>
  looking((accepted, body) => mustBeSame(idsOf(body[name]), all(accepted).toSorted(), `The list of ${name}`));
const idIn =
  (field: string): Look =>
  (accepted, body) =>
    mustBeSame(body[field], id(accepted), 'What was asked for');

const jobs: Look = async (accepted, body) => {
  const {
    before: { jobs: known },
  } = accepted;
  const [states, operations, ticket, plan, caller, since, until] = [
    words(accepted, 'state'),
    words(accepted, 'operation'),
    asked(accepted, 'ticket'),
    asked(accepted, 'plan'),
    asked(accepted, 'caller'),
    asked(accepted, 'since'),
    asked(accepted, 'until'),
  ];
  for (const one of body['jobs'] as readonly {
    id: string;
    state: string;
    operation: string;
    ticket: string | null;
    plan: { id: string } | null;
    requestedBy: { id: string };
    acceptedAt: string;
  }[]) {
    const job = known.find(({ jobId }) => jobId === one.id);
    must(
      job !== undefined && job.command.operation === one.operation,
      'The list tells of a job that there is not.',
      one,
    );
    must(
      (states?.includes(one.state) ?? true) &&
        (operations?.includes(one.operation) ?? true) &&
        (ticket === undefined || one.ticket === ticket) &&
        (plan === undefined || one.plan?.id === plan) &&
        (caller === undefined || one.requestedBy.id === caller) &&
        (since === undefined || Date.parse(one.acceptedAt) >= Date.parse(since)) &&
        (until === undefined || Date.parse(one.acceptedAt) <= Date.parse(until)),
      'The list tells of a job that was not asked for.',
      accepted.drawn.query,
      one,
    );
  }
  await mustGoOn(accepted, 'jobs', (one) => (one as { id: string }).id);
  if (
    accepted.drawn.query.every(([name]) => name === 'limit') &&
    (body['next'] ?? null) === null &&
    asked(accepted, 'limit') === undefined
  )
    mustBeSame(idsOf(body['jobs']), known.map(({ jobId }) => jobId).sort(), 'The list of jobs');
};

const job: Look = (accepted, body) => {
  const steps = accepted.stage.books
    .documents<StepDocument>('step')
    .filter(({ jobId }) => jobId === id(accepted));
  mustBeSame(
    [body['id'], body['state'], (body['steps'] as unknown[]).length],
    [id(accepted), accepted.before.jobs.find(({ jobId }) => jobId === id(accepted))?.state, steps.length],
    'The job',
  );
};

const steps: Look = (accepted, body) => {
  const [states, phase] = [words(accepted, 'state'), asked(accepted, 'phase')];
  for (const one of body['steps'] as readonly { state: string; phase: string }[])
    must(
      (states?.includes(one.state) ?? true) && (phase === undefined || one.phase === phase),
      'A step was told that was not asked for.',
      one,
    );
  return mustGoOn(accepted, 'steps', (one) => JSON.stringify(one));
};

const heard: Effect = looking(({ answer, drawn }) => {
  if (answer.status === 204) return;
  const [first] = [...answer.text.matchAll(/^id: (\d+)$/gm)].map(([, number]) => Number(number));
  const after = Number(
    drawn.sent.headers['last-event-id'] || (drawn.query.find(([name]) => name === 'after')?.[1] ?? 0),
  );
  must(
    first === undefined || first === after + 1,
    'The news do not go on where they were left.',
    answer.text.slice(0, 300),
  );
});

const plan: Look = (accepted, body) => {
  const version = asked(accepted, 'version');
  const known = accepted.before.plans.find((one) => one.planId === planId(accepted));
  mustBeSame(
    [body['id'], body['version'], accepted.answer.headers.get('etag')],
    [planId(accepted), Number(version ?? known?.version), `"${Number(version ?? known?.version)}"`],
    'The plan',
  );
  if (version === undefined)
    mustBeSame(body['plan'], JSON.parse(JSON.stringify(known?.plan)), 'What the plan says');
};

const withVersion = (list: (accepted: Accepted) => readonly { readonly version: number }[]): Effect =>
  looking((accepted, body) => {
    mustBeSame(body['id'], id(accepted), 'What was asked for');
    mustBeSame(
      [body['version'], accepted.answer.headers.get('etag')],
      [list(accepted)[0]?.version, `"${list(accepted)[0]?.version}"`],
      'Its version',
    );
  });

/** Whatever is asked to be protected is answered: protected, or why not. */
const wished: Look = (accepted, body) => {
  const { vms = [] } = bodyOf(accepted) as { vms?: readonly { id: string }[] };
  mustBeSame((body['vms'] as readonly unknown[]).length, vms.length, 'How many VMs the preview is about');
};

const nameOf =
  (name: string) =>
  (document: { readonly id: string }): boolean =>
    document.id.endsWith(`:${name}`);

export const LOOKS: Readonly<Record<string, Effect>> = {
  'GET /api/openapi.json': same,
  'GET /api/v1/health': same,
  'GET /api/privacy': same,
  'GET /api/v1/privacy': same,
  'GET /api/problems': same,
  'GET /api/problems/{code}': looking((accepted, body) =>
    mustBeSame(body['code'], partsOf(accepted)['code'], 'The code'),
  ),
  'GET /api/v1/schemas/resource-map': same,
  'GET /api/v1/firewall': looking((accepted, body) =>
    mustBeSame(body['region'], asked(accepted, 'region'), 'The region'),
  ),
  'GET /api/v1/ready': looking((_accepted, body) =>
    must(body['status'] !== 'down', 'It says that it is not ready.', body),
  ),
  'GET /api/v1/jobs': looking(jobs),
  'GET /api/v1/jobs/{id}': looking(job),
  'GET /api/v1/jobs/{id}/steps': looking(steps),
  'GET /api/v1/jobs/{id}/events': heard,
  'GET /api/v1/jobs/{id}/log': looking((accepted) => mustGoOn(accepted, 'log', (one) => JSON.stringify(one))),
  'GET /api/v1/jobs/{id}/deliveries': looking(({ stage, drawn }, body) =>
    mustBeSame(
      (body['targets'] as readonly unknown[]).length,
      stage.books.documents<{ jobId: string }>('delivery').filter(({ jobId }) => jobId === drawn.params['id'])
        .length,
      'How many are told',
    ),
  ),
  'GET /api/v1/jobs/{id}/measures': looking((accepted) =>
    mustGoOn(accepted, 'vms', (one) => (one as { vm: string }).vm),
  ),
  'GET /api/v1/jobs/{id}/report': looking((accepted) =>
    must(
      accepted.before.jobs.find(({ jobId }) => jobId === id(accepted))?.command.operation === 'testFailover',
      'This was no drill.',
    ),
  ),
  'GET /api/v1/jobs/{id}/map': looking((accepted, body) =>
    typeof body === 'string'
      ? must(/^\S*,/.test(body), 'That is no CSV.', body)
      : mustBeSame(body['job'], id(accepted), 'The job'),
  ),
  'GET /api/v1/replications': listed('replications', ({ before }) => before.vms.map((vm) => vm.id)),
  'GET /api/v1/replications/{id}': looking(idIn('id')),
  'GET /api/v1/vaults': looking(({ before }, body) =>
    must(
      idsOf(body['vaults']).some((one) => before.vaults.includes(one)),
      'The vault is missing.',
      body,
    ),
  ),
  'GET /api/v1/vaults/{vaultId}': looking((accepted, body) =>
    mustBeSame(body['id'], accepted.drawn.params['vaultId'], 'The vault'),
  ),
  'GET /api/v1/vaults/{vaultId}/plans': looking((_accepted, body) =>
    must(
      (body['plans'] as readonly { name: string }[]).some(({ name }) => name === 'orders'),
      'Its plan is missing.',
      body,
    ),
  ),
  'GET /api/v1/plans': listed('plans', ({ before }) => before.plans.map((one) => one.planId)),
  'GET /api/v1/plans/{planId}': looking(plan),
  'GET /api/v1/plans/{planId}/runbook': looking(({ answer }) =>
    must(answer.text.startsWith('# '), 'That is no runbook.', answer.text.slice(0, 200)),
  ),
  'POST /api/v1/plan-lint': looking((_accepted, body) =>
    must(Array.isArray(body['findings']), 'There are no findings.'),
  ),
  'POST /api/v1/plans/{planId}/preview': looking((accepted, body) =>
    mustBeSame(
      [(body['plan'] as View)['id'], body['operation']],
      [planId(accepted), (bodyOf(accepted) as View)['operation']],
      'What is previewed',
    ),
  ),
  'GET /api/v1/plans/{planId}/schedules': listed('schedules', (accepted) =>
    accepted.before.schedules
      .filter((one) => one.planId === planId(accepted))
      .map(({ scheduleId }) => scheduleId),
  ),
  'GET /api/v1/plans/{planId}/schedules/{id}': withVersion((accepted) =>
    accepted.before.schedules.filter(
      (one) => one.planId === planId(accepted) && one.scheduleId === id(accepted),
    ),
  ),
  'GET /api/v1/plans/{planId}/schedules/{id}/occurrences': looking(async (accepted) => {
    await mustGoOn(accepted, 'occurrences', (one) => (one as { due: string }).due);
    const all = accepted.stage.books
      .documents<OccurrenceDocument>('occurrence')
      .filter((one) => one.planId === planId(accepted) && one.scheduleId === id(accepted));
    must(
      all.length > 0 || (accepted.answer.body as { occurrences: unknown[] }).occurrences.length === 0,
      'It tells of starts that there were not.',
    );
  }),
  'GET /api/v1/undelivered': listed('undelivered', ({ before }) =>
    before.gaps.filter(({ resumedAt }) => resumedAt === null).map((one) => one.id),
  ),
  'GET /api/v1/callbacks': listed('callbacks', ({ before }) =>
    before.callbacks.map((one) => one.id.replace('callback:', '')),
  ),
  'GET /api/v1/callbacks/{id}': withVersion((accepted) =>
    accepted.before.callbacks.filter(nameOf(id(accepted))),
  ),
  'GET /api/v1/alert-rules': listed('rules', ({ before }) =>
    before.rules.map((one) => one.id.replace('alertRule:', '')),
  ),
  'GET /api/v1/alert-rules/{id}': withVersion((accepted) =>
    accepted.before.rules.filter(nameOf(id(accepted))),
  ),
  'GET /api/v1/alert-rules/{id}/decisions': looking(async (accepted, body) => {
    for (const one of body['decisions'] as readonly { rule: { name: string } }[])
      mustBeSame(one.rule.name, id(accepted), 'Whose decision it is');
    await mustGoOn(accepted, 'decisions', (one) => (one as { id: string }).id);
  }),
  'GET /api/v1/alert-decisions/{id}': looking(idIn('id')),
  'GET /api/v1/alarms/{id}': looking(idIn('id')),
  'GET /api/v1/alarms': looking((accepted, body) => {
    const meant = accepted.before.alarms.filter(
      (one) =>
        (asked(accepted, 'state') === 'all' || one.clearedAt === null) &&
        (asked(accepted, 'plan') === undefined || one.planId === asked(accepted, 'plan')),
    );
    mustBeSame(idsOf(body['alarms']), meant.map(({ jobId }) => jobId).sort(), 'The alarms');
  }),
  'GET /api/v1/sources/vms': looking((_accepted, body) =>
    must((body['vms'] as unknown[]).length >= 0, 'There is no list.'),
  ),
  'GET /api/v1/options': looking((_accepted, body) =>
    must(Object.keys(body).length > 0, 'There is nothing to choose.'),
  ),
  'POST /api/v1/previews': looking(wished),
  'POST /api/v1/readiness': looking((_accepted, body) =>
    must((body['reports'] as unknown[]).length > 0, 'There is no report.'),
  ),
  'POST /api/v1/network-rules': looking((_accepted, body) =>
    must(Object.keys(body).length > 0, 'There are no rules.'),
  ),
};
