// Faults and boundaries on demand: what may go wrong at which point of an exchange, told as data.

import type { Exchange, ServiceName } from './exchange.ts';

/**
 * received  before the server does anything     (the request may be lost, refused, or never seen)
 * applied   done, and the answer not yet sent   (the caller cannot know that it was done)
 * answered  the answer is on the wire
 * operation Site Recovery starts a job for an accepted write (only the ARM server asks here)
 * meanwhile a request about a replicated machine has come in, and somebody else is a moment quicker
 * (only Site Recovery asks)
 * standing  no point at all: so it is in the world while the rule is there (only the ARM server asks)
 */
export type FaultPoint = 'received' | 'applied' | 'answered' | 'operation' | 'meanwhile' | 'standing';

export type FaultAction =
  /** Answer this instead. At `applied` the work is done all the same. */
  | {
      readonly kind: 'status';
      readonly status: number;
      readonly headers?: Record<string, string>;
      readonly body?: unknown;
    }
  /** Close the connection without an answer. */
  | { readonly kind: 'cut' }
  /** Wait this long (wall time) before going on. */
  | { readonly kind: 'delay'; readonly milliseconds: number }
  /**
   * SIGKILL that process. At `answered` it is stopped first, so that the answer is sent and
   * certainly not read.
   */
  | { readonly kind: 'kill'; readonly pid: number }
  /** Hold the exchange here until the rule is removed. */
  | { readonly kind: 'hold' }
  /**
   * The job that Site Recovery starts ends as failed with this code; 532 is "another operation is
   * in progress".
   */
  | { readonly kind: 'fail'; readonly code: string; readonly message?: string }
  /** The job never ends by itself. */
  | { readonly kind: 'stick' }
  /**
   * The job succeeds with this code inside; for OverconstrainedAllocationRequest the machine comes
   * up outside its placement group.
   */
  | { readonly kind: 'warn'; readonly code: string; readonly message?: string }
  /**
   * Somebody begins this operation by hand, as in the portal: at the rule's own moment, or before
   * the request that it matches is answered.
   */
  | { readonly kind: 'colleague'; readonly operation: PortalOperation }
  | FaultCondition;

/** What a person does with a replicated machine in the portal. */
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
export type PortalOperation = (typeof PORTAL_OPERATIONS)[number];

/** Something that somebody did by hand, or is about to do now. */
export interface PortalAction {
  readonly rule: string;
  readonly vm: string;
  readonly operation: PortalOperation;
  /** When the rule says that it happens; without a moment it happens now. */
  readonly at?: number;
}

/** What can stand wrong in the world, until the rule goes. */
export type FaultCondition =
  /**
   * Nothing in the region answers, and what needs it fails: at once, or after so long a wall time
   * if it `hangs`. Lists of a provider's
   * resources are `short` of the region's, unless they are `failing` too.
   */
  | {
      readonly kind: 'regionDark';
      readonly region: string;
      readonly hangs?: number;
      readonly lists?: 'short' | 'failing';
    }
  /** No core is left in the region, of this family or of any. */
  | { readonly kind: 'quotaGone'; readonly region: string; readonly family?: string }
  /** The machine that the rule names is deallocated. */
  | { readonly kind: 'deallocated' };

/** ISO 8601, or seconds since the story began. */
export type SimulatedMoment = string | number;

export interface FaultRule {
  readonly id: string;
  readonly point: FaultPoint;
  readonly service?: ServiceName;
  readonly method?: string;
  /** Regular expressions (case-insensitive) that path and body text must match. */
  readonly path?: string;
  readonly body?: string;
  /**
   * Only what concerns the virtual machine of this name, as far as path, body or the operation's
   * subject tell.
   */
  readonly vm?: string;
  /** At `operation`: a regular expression that the name of the machine or thing must match. */
  readonly subject?: string;
  /** Moments of story time between which the rule holds: from the first on, up to but not at the second. */
  readonly from?: SimulatedMoment;
  readonly until?: SimulatedMoment;
  /** Let this many matching exchanges pass first. */
  readonly skip?: number;
  /** Act at most this often; without it, always. */
  readonly times?: number;
  /** Act with this probability, drawn from `seed`. */
  readonly chance?: number;
  readonly seed?: number;
  readonly do: FaultAction;
}

/** A rule with what it has done so far: a test that needs a kill can see that there was one. */
export interface FaultRecord extends FaultRule {
  readonly seen: number;
  readonly acted: number;
}

export interface Faults {
  add(rule: FaultRule): void;
  remove(id: string): void;
  list(): FaultRecord[];
  /** The action of the first rule that matches and acts, counted. `subject` is what an operation is about. */
  takeAction(point: FaultPoint, exchange: Exchange, subject?: string): FaultAction | undefined;
  /**
   * What somebody does by hand by now and has not done yet; each is told once, or as often as the
   * rule says.
   */
  takePortalActions(): readonly PortalAction[];
  /** Other names under which requests speak of a machine. */
  addMachineAliases(namesOf: (vm: string) => readonly string[]): void;
  /** What stands wrong at the moment, with the machine that the rule names. */
  activeConditions(): readonly (FaultCondition & { readonly vm?: string })[];
}
