// The stored documents: accepted alerts, alert rules, rule states and decisions. The files of this
// folder write the documents.
import type { Alert } from './rules/alert.ts';
import type { DecisionState } from './rules/decision.ts';
import type { RuleVerdict } from './rules/evaluate.ts';
import type { AlertRule } from './rules/rule.ts';
import type { Command } from '../commands/command.ts';
import type { ApprovalRequest, Vote } from '../plans/rules/approval.ts';
import type { Grant } from '../access/grant.ts';
import type { Caller } from '../access/caller.ts';

/** A stored alert rule with its grant. Partition: settings/alertRule. */
export interface AlertRuleDocument {
  readonly id: string;
  readonly kind: 'alertRule';
  readonly type: 'alertRule';
  readonly schema: number;
  readonly version: number;
  readonly rule: AlertRule;
  /** The grant of the person that saved the rule. The rule acts in the name of this person. */
  readonly grant: Grant;
}

/** Partition: alerts/{id of the alert}. The id follows from the sender and the sender's own id. */
export interface AlertDocument {
  readonly id: 'alert';
  readonly type: 'alert';
  readonly schema: number;
  readonly subject: string;
  readonly alert: Alert;
  /** Only this sender can repeat or end the alert. All keys of one sender share this value. */
  readonly sender: string;
  /**
   * Counts from 1. An alert that fires again after its end begins a new life, and the rules decide
   * again.
   */
  readonly life: number;
  /** Only in the first life: the number of lives so far. */
  readonly lives: number;
  readonly by: Pick<Caller, 'id' | 'name'>;
  readonly receivedAt: string;
  /** True once every rule has decided about the alert. */
  readonly considered: boolean;
}

/**
 * Partition: alerts/{its own}. Records the nonce of a signed call. The record expires when such a
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
 * Partition: alerts/{rule:name}, together with the decisions of the rule. The state outlasts the
 * rule, so that no window begins twice.
 */
export interface RuleStateDocument {
  readonly id: 'state';
  readonly type: 'ruleState';
  readonly schema: number;
  readonly subject: string;
  /** The number of windows so far. In each window the rule starts or asks for one command. */
  readonly windows: number;
  readonly lastAt: string | null;
  /** True when `lastAt` belongs to a dry run. */
  readonly lastDry: boolean;
}

/** A vote with the name and the reason of the voter. */
export interface NamedVote extends Vote {
  readonly name: string;
  readonly reason: string | null;
}

/** Partition: alerts/{rule:name}. The decision of one rule about one alert. */
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
  /** The ids of the alerts that the rule counted. */
  readonly counted: readonly string[];
  readonly at: string;
  readonly state: DecisionState;
  /** Explains the state when the verdict alone does not. */
  readonly outcome: string | null;
  readonly window: number | null;
  /**
   * Set when the decision acts: the command, the grant it runs with, and the version of its plan.
   */
  readonly command: Command | null;
  readonly grant: Grant | null;
  readonly planVersion: number;
  readonly approval: ApprovalRequest | null;
  readonly votes: readonly NamedVote[];
  /** The command has waited for its start since this time. */
  readonly dueAt: string | null;
  readonly jobId: string | null;
  readonly error: { readonly code: string; readonly message: string } | null;
  /** Counted alerts that ended while the decision waited. */
  readonly cleared: readonly string[];
  /** True while people still need the message about the end, without an earlier question. */
  readonly toTell: boolean;
}
