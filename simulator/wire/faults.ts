// The faults that are ordered at the moment, and what each has done.

import type {
  FaultCondition,
  PortalAction,
  FaultAction,
  FaultPoint,
  FaultRecord,
  FaultRule,
  Faults,
  SimulatedMoment,
} from './fault.ts';
import type { Exchange } from './exchange.ts';
import { createSeededRandom } from './seeded-random.ts';

/** The faults of a server, which can also wait for the end of a `hold`. */
export interface FaultRegistry extends Faults {
  /** Resolves once the rule that orders this action is removed. */
  whenRemoved(action: FaultAction): Promise<void>;
}

/** A rule as it is kept: patterns compiled, deeds counted. */
interface FaultEntry {
  readonly rule: FaultRule;
  readonly path: RegExp | undefined;
  readonly body: RegExp | undefined;
  readonly subject: RegExp | undefined;
  readonly chance: (() => number) | undefined;
  readonly removed: Promise<void>;
  readonly remove: () => void;
  seen: number;
  acted: number;
}

/**
 * What makes sense where: an answer that is on its way can no longer be changed, and only Site
 * Recovery starts jobs.
 */
const KINDS_BY_POINT: Record<FaultPoint, readonly FaultAction['kind'][]> = {
  received: ['status', 'cut', 'delay', 'kill', 'hold'],
  applied: ['status', 'cut', 'delay', 'kill', 'hold'],
  answered: ['cut', 'kill'],
  operation: ['fail', 'stick', 'warn'],
  meanwhile: ['colleague'],
  standing: ['regionDark', 'quotaGone', 'deallocated', 'colleague'],
};

/** `now` is story time, for rules that hold between two moments of it; `began` is when the story did. */
export function createFaults(now: () => number = Date.now, startedAt: () => number = () => 0): FaultRegistry {
  const entries = new Map<string, FaultEntry>();
  let namesOf = (vm: string): readonly string[] => [vm];

  const remove = (id: string): void => {
    entries.get(id)?.remove();
    entries.delete(id);
  };

  return {
    /** A rule with an id that is taken replaces the older one. */
    add(rule) {
      const entry = createEntry(rule);
      remove(rule.id);
      entries.set(rule.id, entry);
    },
    remove,
    list: () => [...entries.values()].map(({ rule, seen, acted }): FaultRecord => ({ ...rule, seen, acted })),
    takeAction(point, exchange, subject) {
      for (const entry of entries.values())
        if (
          matchesRequest(entry, point, exchange, subject, namesOf) &&
          isInTimeRange(entry.rule, now(), startedAt()) &&
          countAndDecide(entry)
        )
          return entry.rule.do;
      return undefined;
    },
    activeConditions: () =>
      [...entries.values()].flatMap(({ rule }) => {
        const condition = toCondition(rule.do);
        return condition && isInTimeRange(rule, now(), startedAt())
          ? [{ ...condition, ...(rule.vm !== undefined && { vm: rule.vm }) }]
          : [];
      }),
    takePortalActions: () =>
      [...entries.values()].flatMap((entry) => takePortalAction(entry, now(), startedAt()) ?? []),
    addMachineAliases(of) {
      namesOf = (vm) => [vm, ...of(vm)];
    },
    async whenRemoved(action) {
      await [...entries.values()].find(({ rule }) => rule.do === action)?.removed;
    },
  };
}

/** The action as a condition of the world, if it is one. */
function toCondition(action: FaultAction): FaultCondition | undefined {
  return action.kind === 'regionDark' || action.kind === 'quotaGone' || action.kind === 'deallocated'
    ? action
    : undefined;
}

/** Each moment of a colleague's rule is for once, unless the rule says how often. */
function takePortalAction(entry: FaultEntry, now: number, began: number): PortalAction | undefined {
  const { rule } = entry;
  if (rule.do.kind !== 'colleague' || rule.point !== 'standing' || rule.vm === undefined) return undefined;
  const at = rule.from === undefined ? undefined : toMilliseconds(rule.from, began);
  if ((at ?? now) > now || entry.seen >= (rule.skip ?? 0) + (rule.times ?? 1) || !countAndDecide(entry))
    return undefined;
  return { rule: rule.id, vm: rule.vm, operation: rule.do.operation, ...(at !== undefined && { at }) };
}

function createEntry(rule: FaultRule): FaultEntry {
  if (!KINDS_BY_POINT[rule.point].includes(rule.do.kind)) {
    throw new Error(
      `At "${rule.point}" a fault can be one of ${KINDS_BY_POINT[rule.point].join(', ')}; "${rule.do.kind}" cannot.`,
    );
  }
  if (rule.do.kind === 'deallocated' && rule.vm === undefined)
    throw new Error('Which machine is deallocated? The rule needs a "vm".');
  if (rule.do.kind === 'colleague' && rule.point === 'standing' && rule.vm === undefined)
    throw new Error('With which machine does the colleague work? The rule needs a "vm".');
  const pattern = (source: string | undefined): RegExp | undefined =>
    source === undefined ? undefined : new RegExp(source, 'i');
  let remove = (): void => undefined;
  const removed = new Promise<void>((resolve) => {
    remove = resolve;
  });
  return {
    rule,
    path: pattern(rule.path),
    body: pattern(rule.body),
    subject: pattern(rule.subject),
    chance: rule.chance === undefined ? undefined : createSeededRandom(rule.seed ?? 1),
    removed,
    remove,
    seen: 0,
    acted: 0,
  };
}

function isInTimeRange({ from, until }: FaultRule, now: number, began: number): boolean {
  return (
    (from === undefined || now >= toMilliseconds(from, began)) &&
    (until === undefined || now < toMilliseconds(until, began))
  );
}

const toMilliseconds = (moment: SimulatedMoment, began: number): number =>
  typeof moment === 'string' ? Date.parse(moment) : began + moment * 1000;

function matchesRequest(
  { rule, path, body, subject }: FaultEntry,
  point: FaultPoint,
  exchange: Exchange,
  about: string | undefined,
  namesOf: (vm: string) => readonly string[],
): boolean {
  return (
    rule.point === point &&
    (rule.service === undefined || rule.service === exchange.service) &&
    (rule.method === undefined || rule.method.toUpperCase() === exchange.method) &&
    (path === undefined || path.test(exchange.path)) &&
    (body === undefined || body.test(exchange.body.toString())) &&
    (subject === undefined || (about !== undefined && subject.test(about))) &&
    (rule.vm === undefined ||
      (about === undefined
        ? namesOf(rule.vm).some((name) => namesMachine(exchange, name))
        : about.toLowerCase() === rule.vm.toLowerCase()))
  );
}

/** Whether path or body name this machine, itself or as a replicated item. */
function namesMachine(exchange: Exchange, vm: string): boolean {
  const name = vm.replace(/[^\w-]/g, '\\$&');
  const named = new RegExp(
    `/(virtualMachines|replicationProtectedItems)/${name}(?![\\w.-])|"replicationProtectedItemName"\\s*:\\s*"${name}"`,
    'i',
  );
  return named.test(exchange.path) || named.test(exchange.body.toString());
}

/** Counts the exchange, and whether the rule acts on it. */
function countAndDecide(entry: FaultEntry): boolean {
  const { rule, chance } = entry;
  entry.seen += 1;
  if (entry.seen <= (rule.skip ?? 0) || entry.acted >= (rule.times ?? Infinity)) return false;
  if (chance !== undefined && chance() >= (rule.chance ?? 1)) return false;
  entry.acted += 1;
  return true;
}
