// What a schema cannot say, and the doors ask for all the same: that groups wait for groups there
// are, that a VM stands where the operation finds it.
import { SCRIPT, type Known, type KnownVm } from './names.ts';
import type { Draw } from './draw.ts';

type Made = Record<string, unknown>;
type Sense = (made: Made, draw: Draw, known: Known, params: Readonly<Record<string, string>>) => unknown;

/** So much of what is drawn is left as it is: it fits the schema, and may make no sense. */
const SENSELESS = 0.12;
/** What is rarely asked for: it takes VMs away from all others, or hours. */
const RARE = {
  disableReplication: 0.15,
  enableReplication: 0.3,
  prepareVault: 0.3,
  updateReplication: 0.6,
} as const;
const isRare = (operation: string): operation is keyof typeof RARE => operation in RARE;

const whole = (vms: readonly KnownVm[], known: Known): KnownVm[] => [
  ...new Set(
    vms.flatMap((vm) => (vm.group === null ? [vm] : known.vms.filter(({ group }) => group === vm.group))),
  ),
];
const isOnPlan = (made: Made): boolean => 'plan' in made;
const isEnabling = ({ operation }: Made): boolean =>
  operation === 'enableReplication' || operation === 'prepareVault';

function command(made: Made, draw: Draw, known: Known): Made {
  if (draw.chance(SENSELESS) || isEnabling(made) || (isOnPlan(made) && known.plans.length === 0)) return made;
  if (isOnPlan(made))
    return {
      ...without(made, 'exclude', 'planVersion'),
      plan: draw.pick(known.plans).planId,
      ...(made['kind'] === 'planned' ? { kind: 'unplanned' } : {}),
    };
  const free = known.vms.filter(
    (vm) => !vm.isHeld && (vm.allowed as readonly unknown[]).includes(made['operation']),
  );
  if (free.length === 0) return made;
  const vms = whole(draw.some(free, 1, 2), known).map(({ id }) => id);
  return {
    ...made,
    vms,
    ...(made['kind'] === 'planned' ? { kind: 'unplanned' } : {}),
    ...(typeof made['recoveryPoint'] === 'object' || made['operation'] === 'changeRecoveryPoint'
      ? { recoveryPoint: 'latestProcessed' }
      : {}),
  };
}

const without = (made: Made, ...keys: readonly string[]): Made =>
  Object.fromEntries(Object.entries(made).filter(([key]) => !keys.includes(key)));

/**
 * The groups of a plan wait only for those before them, have each VM once, and choose a point that
 * is always there.
 */
function groups(list: readonly Made[], draw: Draw, known: Known): Made[] {
  const left = draw.some(known.vms, known.vms.length, known.vms.length);
  return list.map((group, at) => {
    const vms = whole(left.splice(0, draw.int(at === 0 ? 1 : 0, 2)), known).filter(
      ({ id }, i, all) => all.findIndex((one) => one.id === id) === i,
    );
    for (const vm of vms) if (left.includes(vm)) left.splice(left.indexOf(vm), 1);
    return {
      ...group,
      name: `${String(group['name']).slice(0, 40).trim() || 'group'} ${at}`,
      vms: vms.map(({ id }) => id),
      ...(at > 0
        ? {
            waitsFor: draw.chance(0.7)
              ? [
                  `${
                    String(list[at - 1]?.['name'])
                      .slice(0, 40)
                      .trim() || 'group'
                  } ${at - 1}`,
                ]
              : [],
          }
        : { waitsFor: [] }),
      ...('perVm' in group
        ? {
            perVm: Object.fromEntries(
              vms.slice(0, 1).map(({ id }) => [id, Object.values(group['perVm'] as Made)[0] ?? {}]),
            ),
          }
        : {}),
      ...('recoveryPoint' in group
        ? { recoveryPoint: [{ kind: 'latestAppConsistent', notOlderThanMinutes: 90 }, { kind: 'latest' }] }
        : {}),
    };
  });
}

function plan(made: Made, draw: Draw, known: Known): Made {
  if (draw.chance(SENSELESS)) return made;
  const runs = (made['runs'] ?? {}) as Readonly<Record<string, readonly Made[]>>;
  return { ...made, runs: { failover: groups(runs['failover'] ?? [], draw, known) } };
}

const SENSE: Readonly<Record<string, Sense>> = {
  Command: command,
  Plan: plan,
  Action: (made) => {
    if (made['kind'] === 'script') return { ...without(made, 'reference'), text: SCRIPT };
    return made;
  },
  AlertRule: (made, draw, known) => {
    const threshold = (made['threshold'] ?? {}) as Made;
    const asked = (made['command'] ?? {}) as Made;
    const vm = known.vms.find(({ group }) => group === null);
    return {
      ...made,
      when: draw.chance(0.8) ? { names: ['region-dark'] } : made['when'],
      coolDownMinutes: 60,
      threshold: { alerts: Math.min(Number(threshold['alerts'] ?? 1), 2), withinMinutes: 10 },
      command: isEnabling(asked) ? { operation: 'failover', vms: [vm?.id ?? ''] } : asked,
      ...(draw.chance(0.6) ? { approval: made['approval'] ?? {} } : {}),
    };
  },
  Schedule: (made, draw, known) => ({
    ...made,
    command: draw.chance(SENSELESS)
      ? made['command']
      : {
          operation: 'testFailover',
          ...(draw.chance(0.3) ? { vms: draw.some(known.vms, 1, 1).map(({ id }) => id) } : {}),
        },
  }),
  // By their routes, for these have no name.
  'POST /api/v1/alerts/generic': (made) =>
    made['condition'] === 'resolved' ? { ...made, resolvedAt: made['firedAt'] } : without(made, 'resolvedAt'),
  'POST /api/v1/jobs/{id}/answers': (made, draw, known, { id }) => {
    const needs = known.openJobs.flatMap((job) =>
      job.jobId === id ? job.needs.filter(({ kind }) => kind !== 'approval') : [],
    );
    if (needs.length === 0 || draw.chance(SENSELESS))
      return { ...without(made, 'target'), step: made['step'] ?? 'step:none' };
    const need = draw.pick(needs);
    return { ...without(made, 'target', 'tries'), step: need.stepId, answer: draw.pick(need.answers) };
  },
  'POST /api/v1/jobs/{id}/approvals': (made, draw, known, { id }) => {
    const job = known.openJobs.find(({ jobId }) => jobId === id);
    const needs = job?.needs.filter(({ kind }) => kind === 'approval') ?? [];
    return needs.length === 0 || draw.chance(SENSELESS)
      ? made
      : { ...made, step: draw.pick(needs).stepId, planVersion: job?.plan?.version };
  },
  'POST /api/v1/jobs/{id}/skip': (made, draw, known, { id }) => {
    const steps = known.toCome.filter(({ jobId }) => jobId === id);
    return steps.length === 0 || draw.chance(SENSELESS)
      ? made
      : { ...without(made, 'phase'), target: draw.pick(steps).targetId };
  },
  RunWish: (made) =>
    without(made, 'version', ...(made['operation'] === 'testFailover' ? [] : ['networkId']), 'recoveryPoint'),
  EnableWish: wish,
  PrepareWish: wish,
};

function wish(made: Made, draw: Draw): Made {
  if (draw.chance(SENSELESS)) return made;
  const target = (made['target'] ?? {}) as Made;
  return {
    ...without(made, 'source', 'multiVmGroup'),
    target: { region: 'southeastasia', ...('subnet' in target ? { subnet: target['subnet'] } : {}) },
    vms: ((made['vms'] ?? []) as readonly Made[]).map(({ id }) => ({ id })),
  };
}

export const makeSense = (
  schema: string,
  value: unknown,
  draw: Draw,
  known: Known,
  params: Readonly<Record<string, string>> = {},
): unknown =>
  typeof value === 'object' && value !== null
    ? (SENSE[schema]?.(value as Made, draw, known, params) ?? value)
    : value;

/** The alternatives of a command by what is possible now, the rare ones rarely. */
export const weightOf = (operation: string, known: Known): number =>
  (isRare(operation) ? RARE[operation] : 1) *
  (isRare(operation) ||
  known.vms.some(({ allowed, isHeld }) => !isHeld && (allowed as readonly string[]).includes(operation))
    ? 1
    : 0.1);
