// Fault rules: data that says which failure happens at which point of an exchange. Tests and the
// admin server add rules. `faults.ts` applies them.

import type { Exchange, ServiceName } from './exchange.ts';

/**
 * The point of an exchange at which a rule acts:
 * received: the server did nothing yet. A fault can drop or refuse the request, and the server
 * never sees it.
 * applied: the server did the work and did not respond yet. The caller cannot know of the work.
 * answered: the response is on the wire.
 * operation: Site Recovery starts a job for an accepted write. Only the ARM server uses this point.
 * meanwhile: a request about a replicated machine arrived, and a colleague acts just before the
 * request. Only Site Recovery uses this point.
 * standing: no point of an exchange. The condition lasts while the rule exists. Only the ARM server
 * uses this point.
 */
export type FaultPoint = 'received' | 'applied' | 'answered' | 'operation' | 'meanwhile' | 'standing';

/** The effect of a fault rule. */
export type FaultAction =
  /** Send this response instead. At `applied` the server still does the work. */
  | {
      readonly kind: 'status';
      readonly status: number;
      readonly headers?: Record<string, string>;
      readonly body?: unknown;
    }
  /** Close the connection without a response. */
  | { readonly kind: 'cut' }
  /** Wait this long in wall time, then continue. */
  | { readonly kind: 'delay'; readonly milliseconds: number }
  /**
   * Send SIGKILL to this process. At `answered` the process gets SIGSTOP first. So the server sends
   * the response, and the process certainly does not read the response.
   */
  | { readonly kind: 'kill'; readonly pid: number }
  /** Keep the exchange waiting at this point until a caller removes the rule. */
  | { readonly kind: 'hold' }
  /**
   * The job that Site Recovery starts fails with this code. Code 532 means "another operation is in
   * progress".
   */
  | { readonly kind: 'fail'; readonly code: string; readonly message?: string }
  /** The job never ends without help. */
  | { readonly kind: 'stick' }
  /**
   * The job succeeds with this code in its result. OverconstrainedAllocationRequest means that the
   * machine starts outside its placement group.
   */
  | { readonly kind: 'warn'; readonly code: string; readonly message?: string }
  /**
   * A colleague starts this operation by hand, as in the portal. At `standing` this happens at the
   * rule's own time, and at `meanwhile` just before the server handles the matching request.
   */
  | { readonly kind: 'colleague'; readonly operation: PortalOperation }
  | FaultCondition;

/** The operations that a person can start on a replicated machine in the portal. */
export const PORTAL_OPERATIONS = [
  'testFailover',
  'testFailoverCleanup',
  'unplannedFailover',
  'applyRecoveryPoint',
  'failoverCommit',
  'failoverCancel',
  'switchprotection',
  'remove',
] as const;
/** One operation of the portal. */
export type PortalOperation = (typeof PORTAL_OPERATIONS)[number];

/** An operation that a colleague started by hand, or starts now. */
export interface PortalAction {
  readonly rule: string;
  readonly vm: string;
  readonly operation: PortalOperation;
  /** The time that the rule gives for the operation. Without a time the operation starts now. */
  readonly at?: number;
}

/** A failure of the simulated Azure that lasts until a caller removes the rule. */
export type FaultCondition =
  /**
   * The region does not answer, so all calls that need the region fail. They fail at once, or after
   * `hangs` milliseconds of wall time. Lists of a provider's resources omit the region's resources
   * (`short`, the default), or fail too (`failing`).
   */
  | {
      readonly kind: 'regionDark';
      readonly region: string;
      readonly hangs?: number;
      readonly lists?: 'short' | 'failing';
    }
  /** The region has no core left, in this family or in any family. */
  | { readonly kind: 'quotaGone'; readonly region: string; readonly family?: string }
  /** The machine in the rule's `vm` has the power state deallocated. */
  | { readonly kind: 'deallocated' }
  /** A server of a company's own site does not answer: a Hyper-V host, a vCenter, an appliance. */
  | { readonly kind: 'serverDark'; readonly server: string }
  /** The machine in the rule's `vm`, in a company's own site, is off. */
  | { readonly kind: 'poweredOff' };

/** A simulated time: ISO 8601, or seconds since the simulation started. */
export type SimulatedMoment = string | number;

/** A fault rule: its filters, its frequency and its action. */
export interface FaultRule {
  readonly id: string;
  readonly point: FaultPoint;
  readonly service?: ServiceName;
  readonly method?: string;
  /** Case-insensitive regular expressions for the path and the body text. */
  readonly path?: string;
  readonly body?: string;
  /**
   * The rule applies only to this virtual machine. The path, the body or the operation's subject
   * must name it.
   */
  readonly vm?: string;
  /** At `operation`: a regular expression for the name of the machine or of another subject. */
  readonly subject?: string;
  /** The rule applies from the simulated time `from` until just before `until`. */
  readonly from?: SimulatedMoment;
  readonly until?: SimulatedMoment;
  /** The rule ignores this many matching exchanges first. */
  readonly skip?: number;
  /** The rule acts at most this often. Without a limit the rule always acts. */
  readonly times?: number;
  /** The rule acts with this probability. `seed` makes the draws repeatable. */
  readonly chance?: number;
  readonly seed?: number;
  readonly do: FaultAction;
}

/** A rule with its counters. A test that needs a kill can check that a kill happened. */
export interface FaultRecord extends FaultRule {
  readonly seen: number;
  readonly acted: number;
}

/** The current fault rules, as the servers and the admin server use them. */
export interface Faults {
  add(rule: FaultRule): void;
  remove(id: string): void;
  list(): FaultRecord[];
  /**
   * Returns the action of the first rule that matches and acts, and counts the exchange. `subject`
   * is the machine or other resource that an operation concerns.
   */
  takeAction(point: FaultPoint, exchange: Exchange, subject?: string): FaultAction | undefined;
  /**
   * Returns the operations that a colleague must have started by now. Returns each operation once,
   * or as often as the rule says.
   */
  takePortalActions(): readonly PortalAction[];
  /** Adds a function that finds the other names of a machine in requests. */
  addMachineAliases(namesOf: (vm: string) => readonly string[]): void;
  /** Returns the current failures, each with the machine of its rule. */
  activeConditions(): readonly (FaultCondition & { readonly vm?: string })[];
}
