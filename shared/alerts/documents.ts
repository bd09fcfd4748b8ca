// Alerts that were let in, the rules for them, and what each rule did about each alert.
import type { Alert } from './rules/alert.ts';
import type { DecisionState } from './rules/decision.ts';
import type { RuleVerdict } from './rules/evaluate.ts';
import type { AlertRule } from './rules/rule.ts';
import type { Command } from '../commands/command.ts';
import type { ApprovalRequest, Vote } from '../plans/rules/approval.ts';
import type { Grant } from '../access/grant.ts';
import type { Caller } from '../access/caller.ts';

/** Partition: settings/alertRule. */
export interface AlertRuleDocument {
  readonly id: string;
  readonly kind: 'alertRule';
  readonly type: 'alertRule';
  readonly schema: number;
  readonly version: number;
  readonly rule: AlertRule;
  /** Of who saved it: in their name it acts. */
  readonly grant: Grant;
}

/** Partition: alerts/{the alert's id}, which follows from the sender and the sender's own id. */
export interface AlertDocument {
  readonly id: 'alert';
  readonly type: 'alert';
  readonly schema: number;
  readonly subject: string;
  readonly alert: Alert;
  /** Whose alert it is: nobody else repeats it or ends it. All keys of one sender stand for the same. */
  readonly sender: string;
  /**
   * From 1 on: an alert that fires again after it was over begins another life, which is decided
   * about anew.
   */
  readonly life: number;
  /** In the first life: how many there have been. */
  readonly lives: number;
  readonly by: Pick<Caller, 'id' | 'name'>;
  readonly receivedAt: string;
  /** Each rule that there was has decided about it. */
  readonly considered: boolean;
}

/**
 * Partition: alerts/{its own}. That a signed call with this nonce was seen; it expires once such a
 * call would be too old anyway.
 */
export interface NonceDocument {
  readonly id: 'nonce';
  readonly type: 'nonce';
  readonly schema: number;
  readonly subject: string;
  readonly ttl: number;
}

/**
 * Partition: alerts/{rule:name}, as that of its decisions. It outlasts the rule, so that no window
 * is ever begun twice.
 */
export interface RuleStateDocument {
  readonly id: 'state';
  readonly type: 'ruleState';
  readonly schema: number;
  readonly subject: string;
  /** How many windows were begun: in each, something is started or asked for once. */
  readonly windows: number;
  readonly lastAt: string | null;
  /** That was in a dry run. */
  readonly lastDry: boolean;
}

export interface NamedVote extends Vote {
  readonly name: string;
  readonly reason: string | null;
}

/** Partition: alerts/{rule:name}. What one rule did about one alert. */
export interface DecisionDocument {
  readonly id: string;
  readonly type: 'decision';
  readonly schema: number;
  readonly subject: string;
  readonly rule: { readonly name: string; readonly version: number };
  readonly alert: { readonly id: string } & Pick<
    Alert,
    'source' | 'name' | 'severity' | 'regions' | 'firedAt'
  >;
  readonly verdict: RuleVerdict;
  readonly why: string;
  /** The ids of the alerts that were counted. */
  readonly counted: readonly string[];
  readonly at: string;
  readonly state: DecisionState;
  /** How that came about, once it is more than the verdict. */
  readonly outcome: string | null;
  readonly window: number | null;
  /** Of what acts: the command, whose name it has, and which version of the plan it was decided for. */
  readonly command: Command | null;
  readonly grant: Grant | null;
  readonly planVersion: number;
  readonly approval: ApprovalRequest | null;
  readonly votes: readonly NamedVote[];
  /** Since when it is to be started. */
  readonly dueAt: string | null;
  readonly jobId: string | null;
  readonly error: { readonly code: string; readonly message: string } | null;
  /** Alerts among those counted that were over while it waited. */
  readonly cleared: readonly string[];
  /** Persons are still to be told how it ended, though they were not asked. */
  readonly toTell: boolean;
}
