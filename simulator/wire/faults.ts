// The registry of the current fault rules. It counts how often each rule matched and acted.

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

/** The fault rules of a server. A server can also wait until a `hold` rule ends. */
export interface FaultRegistry extends Faults {
  /** Resolves when a caller removes the rule of this action. */
  whenRemoved(action: FaultAction): Promise<void>;
}

/** A stored rule with its compiled patterns and its counters. */
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

const CONDITION_KINDS: readonly FaultCondition['kind'][] = [
  'regionDark',
  'quotaGone',
  'deallocated',
  'serverDark',
  'poweredOff',
];

/**
 * The kinds of fault that are possible at each point. The server cannot change a response that is
 * on the wire, and only Site Recovery starts jobs.
 */
const KINDS_BY_POINT: Record<FaultPoint, readonly FaultAction['kind'][]> = {
  received: ['status', 'cut', 'delay', 'kill', 'hold'],
  applied: ['status', 'cut', 'delay', 'kill', 'hold'],
  answered: ['cut', 'kill'],
  operation: ['fail', 'stick', 'warn'],
  meanwhile: ['colleague'],
  standing: [...CONDITION_KINDS, 'colleague'],
};

/**
 * Creates an empty registry. `now` gives the simulated time and `startedAt` the start of the
 * simulation: rules with `from` or `until` need both.
 */
export function createFaults(now: () => number = Date.now, startedAt: () => number = () => 0): FaultRegistry {
  const entries = new Map<string, FaultEntry>();
  let namesOf = (vm: string): readonly string[] => [vm];

  const remove = (id: string): void => {
    entries.get(id)?.remove();
    entries.delete(id);
  };

  return {
    /** A rule replaces an older rule with the same id. */
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
        return isCondition(rule.do) && isInTimeRange(rule, now(), startedAt())
          ? [{ ...rule.do, ...(rule.vm !== undefined && { vm: rule.vm }) }]
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

const isCondition = (action: FaultAction): action is FaultCondition =>
  CONDITION_KINDS.some((kind) => kind === action.kind);

/** A colleague rule acts once, unless the rule sets `times`. */
function takePortalAction(entry: FaultEntry, now: number, startedAt: number): PortalAction | undefined {
  const { rule } = entry;
  if (rule.do.kind !== 'colleague' || rule.point !== 'standing' || rule.vm === undefined) return undefined;
  const at = rule.from === undefined ? undefined : toMilliseconds(rule.from, startedAt);
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
  if ((rule.do.kind === 'deallocated' || rule.do.kind === 'poweredOff') && rule.vm === undefined)
    throw new Error('The rule names no machine to turn off. It needs a "vm".');
  if (rule.do.kind === 'colleague' && rule.point === 'standing' && rule.vm === undefined)
    throw new Error('The rule names no machine for the colleague. It needs a "vm".');
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

function isInTimeRange({ from, until }: FaultRule, now: number, startedAt: number): boolean {
  return (
    (from === undefined || now >= toMilliseconds(from, startedAt)) &&
    (until === undefined || now < toMilliseconds(until, startedAt))
  );
}

const toMilliseconds = (moment: SimulatedMoment, startedAt: number): number =>
  typeof moment === 'string' ? Date.parse(moment) : startedAt + moment * 1000;

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

/** Whether the path or the body names this machine, as a virtual machine or as a replicated item. */
function namesMachine(exchange: Exchange, vm: string): boolean {
  const name = vm.replace(/[^\w-]/g, '\\$&');
  const named = new RegExp(
    `/(virtualMachines|replicationProtectedItems)/${name}(?![\\w.-])|"replicationProtectedItemName"\\s*:\\s*"${name}"`,
    'i',
  );
  return named.test(exchange.path) || named.test(exchange.body.toString());
}

/** Counts the exchange and decides whether the rule acts on it. */
function countAndDecide(entry: FaultEntry): boolean {
  const { rule, chance } = entry;
  entry.seen += 1;
  if (entry.seen <= (rule.skip ?? 0) || entry.acted >= (rule.times ?? Infinity)) return false;
  if (chance !== undefined && chance() >= (rule.chance ?? 1)) return false;
  entry.acted += 1;
  return true;
}
