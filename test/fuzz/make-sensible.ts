// Adds rules that a schema cannot express and that the routes require. For example, groups wait
// only for existing groups, and a VM is in the state that the operation needs.
import { approvalQuestionIdOf } from '../../shared/alerts/questions.ts';
import { questionIdOf } from '../../shared/journal/answers.ts';
import { SCRIPT, type KnownState, type KnownVm } from './known-state.ts';
import type { RandomDraw } from './random-draw.ts';

type MadeValue = Record<string, unknown>;
type SensibleValue = (
  made: MadeValue,
  draw: RandomDraw,
  known: KnownState,
  params: Readonly<Record<string, string>>,
) => unknown;

/** The share of drawn values that stay unchanged: they fit the schema, and may be meaningless. */
const UNCHANGED_PROBABILITY = 0.12;
/** Rare operations: they take VMs away from all others, or take hours. */
const RARE_OPERATIONS = {
  disableReplication: 0.15,
  enableReplication: 0.3,
  prepareVault: 0.3,
  updateReplication: 0.6,
} as const;
const isRare = (operation: string): operation is keyof typeof RARE_OPERATIONS => operation in RARE_OPERATIONS;

const withWholeGroups = (vms: readonly KnownVm[], known: KnownState): KnownVm[] => [
  ...new Set(
    vms.flatMap((vm) => (vm.group === null ? [vm] : known.vms.filter(({ group }) => group === vm.group))),
  ),
];
const isOnPlan = (made: MadeValue): boolean => 'plan' in made;
const isEnabling = ({ operation }: MadeValue): boolean =>
  operation === 'enableReplication' || operation === 'prepareVault';

function sensibleCommand(made: MadeValue, draw: RandomDraw, known: KnownState): MadeValue {
  if (draw.chance(UNCHANGED_PROBABILITY) || (isOnPlan(made) && known.plans.length === 0)) return made;
  if (isEnabling(made)) return withSettingsOfOwnVm(made);
  if (isOnPlan(made))
    return {
      ...without(made, 'exclude', 'planVersion'),
      plan: draw.pick(known.plans).planId,
      ...(made['kind'] === 'planned' ? { kind: 'unplanned' } : {}),
    };
  const free = known.vms.filter(
    (vm) => !vm.isLocked && (vm.allowedOperations as readonly unknown[]).includes(made['operation']),
  );
  if (free.length === 0) return made;
  const vms = withWholeGroups(draw.pickSome(free, 1, 2), known).map(({ id }) => id);
  return {
    ...made,
    vms,
    ...(made['kind'] === 'planned' ? { kind: 'unplanned' } : {}),
    ...(typeof made['recoveryPoint'] === 'object' || made['operation'] === 'changeRecoveryPoint'
      ? { recoveryPoint: 'latestProcessed' }
      : {}),
  };
}

const without = (made: MadeValue, ...keys: readonly string[]): MadeValue =>
  Object.fromEntries(Object.entries(made).filter(([key]) => !keys.includes(key)));

/**
 * The groups of a plan wait only for groups before them and have each VM once. They choose a point
 * that always exists.
 */
function sensibleGroups(list: readonly MadeValue[], draw: RandomDraw, known: KnownState): MadeValue[] {
  const left = draw.pickSome(known.vms, known.vms.length, known.vms.length);
  return list.map((group, at) => {
    const vms = withWholeGroups(left.splice(0, draw.int(at === 0 ? 1 : 0, 2)), known).filter(
      ({ id }, i, all) => all.findIndex((knownVm) => knownVm.id === id) === i,
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
              vms.slice(0, 1).map(({ id }) => [id, Object.values(group['perVm'] as MadeValue)[0] ?? {}]),
            ),
          }
        : {}),
      ...('recoveryPoint' in group
        ? { recoveryPoint: [{ kind: 'latestAppConsistent', notOlderThanMinutes: 90 }, { kind: 'latest' }] }
        : {}),
    };
  });
}

function sensiblePlan(made: MadeValue, draw: RandomDraw, known: KnownState): MadeValue {
  if (draw.chance(UNCHANGED_PROBABILITY)) return made;
  const runs = (made['runs'] ?? {}) as Readonly<Record<string, readonly MadeValue[]>>;
  return { ...made, runs: { failover: sensibleGroups(runs['failover'] ?? [], draw, known) } };
}

const SENSIBLE_VALUES: Readonly<Record<string, SensibleValue>> = {
  Command: sensibleCommand,
  Plan: sensiblePlan,
  Action: (made) => {
    if (made['kind'] === 'script') return { ...without(made, 'reference'), text: SCRIPT };
    return made;
  },
  AlertRule: (made, draw, known) => {
    const threshold = (made['threshold'] ?? {}) as MadeValue;
    const asked = (made['command'] ?? {}) as MadeValue;
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
    command: draw.chance(UNCHANGED_PROBABILITY)
      ? made['command']
      : {
          operation: 'testFailover',
          ...(draw.chance(0.3) ? { vms: draw.pickSome(known.vms, 1, 1).map(({ id }) => id) } : {}),
        },
  }),
  // By route, because these schemas have no name.
  'POST /api/v1/alerts/generic': (made) =>
    made['condition'] === 'resolved' ? { ...made, resolvedAt: made['firedAt'] } : without(made, 'resolvedAt'),
  'POST /api/v1/jobs/{id}/answers': (made, draw, known, { id }) => {
    const needs = known.openJobs.flatMap((job) => (job.jobId === id ? job.needs : []));
    if (needs.length === 0 || draw.chance(UNCHANGED_PROBABILITY)) return made;
    const need = draw.pick(needs);
    return { ...made, question: questionIdOf(need), answer: draw.pick(need.answers) };
  },
  'POST /api/v1/alert-decisions/{id}/answers': (made, draw, known, { id }) => {
    const approval = known.decisions.find((decision) => decision.id === id)?.approval;
    return !approval || draw.chance(UNCHANGED_PROBABILITY)
      ? made
      : { ...made, question: approvalQuestionIdOf(approval), answer: draw.pick(['approved', 'refused']) };
  },
  'POST /api/v1/jobs/{id}/skip': (made, draw, known, { id }) => {
    const steps = known.unstartedSteps.filter(({ jobId }) => jobId === id);
    return steps.length === 0 || draw.chance(UNCHANGED_PROBABILITY)
      ? made
      : { ...without(made, 'phase'), target: draw.pick(steps).targetId };
  },
  RunRequest: (made) =>
    without(made, 'version', ...(made['operation'] === 'testFailover' ? [] : ['networkId']), 'recoveryPoint'),
  EnableRequest: enableRequest,
  PrepareRequest: enableRequest,
};

/** A request has settings only for VMs that it names. */
const withSettingsOfOwnVm = (made: MadeValue): MadeValue => {
  const [first] = (made['vms'] ?? []) as readonly string[];
  const [settings] = Object.values((made['perVm'] ?? {}) as MadeValue);
  return first === undefined || settings === undefined
    ? without(made, 'perVm')
    : { ...made, perVm: { [first]: settings } };
};

function enableRequest(made: MadeValue, draw: RandomDraw): MadeValue {
  if (draw.chance(UNCHANGED_PROBABILITY)) return made;
  const target = (made['target'] ?? {}) as MadeValue;
  return {
    ...without(made, 'source', 'multiVmGroup', 'perVm'),
    target: { region: 'southeastasia', ...('subnet' in target ? { subnet: target['subnet'] } : {}) },
  };
}

export const makeSensible = (
  schema: string,
  value: unknown,
  draw: RandomDraw,
  known: KnownState,
  params: Readonly<Record<string, string>> = {},
): unknown =>
  typeof value === 'object' && value !== null
    ? (SENSIBLE_VALUES[schema]?.(value as MadeValue, draw, known, params) ?? value)
    : value;

/** The weight of each kind of command by the current state. Rare operations get a low weight. */
export const weightOf = (operation: string, known: KnownState): number =>
  (isRare(operation) ? RARE_OPERATIONS[operation] : 1) *
  (isRare(operation) ||
  known.vms.some(
    ({ allowedOperations, isLocked }) =>
      !isLocked && (allowedOperations as readonly string[]).includes(operation),
  )
    ? 1
    : 0.1);
