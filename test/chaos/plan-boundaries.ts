// Every boundary at which the app may die while a plan is run, by operation: accepting, laying out,
// the rounds of the walk, what goes around VMs, the end.
import type { PlanOperation } from '../../shared/plans/rules/graph.ts';
import { ROUNDS_IN_A_HISTORY } from '../../orchestrators/runPlan.ts';
import { answered, arm, jobs, registry, write, type Boundary, type Where } from './boundaries.ts';

const VERBS: Readonly<Record<PlanOperation, string>> = {
  testFailover: 'testFailover',
  cleanUpTestFailover: 'testFailoverCleanup',
  failover: 'unplannedFailover',
  changeRecoveryPoint: 'applyRecoveryPoint',
  cancelFailover: '(failoverCancel|cancelFailover)',
  commit: 'failoverCommit',
  reprotect: '(switchprotection|reProtect)',
  failback: 'unplannedFailover',
};
export const VERBS_OF_PLANS = Object.values(VERBS).join('|');

/** Not the first of its kind: the walk is in the middle. */
const later = (skip: number, where: Where): Where => ({ ...where, skip });
const stepOf = (state: string): Where =>
  jobs(`"operationType":"Replace".*"type":"step".*"phase":"(?!action).*"state":"${state}"`);
const actionIn = (state: string): Where => jobs(`"type":"step".*"phase":"action".*"state":"${state}"`);
const attemptIn = (state: string): Where => jobs(`"type":"attempt".*"state":"${state}"`);
/** With this question each round begins. */
const ROUND = jobs('SELECT c\\.id, c\\.epoch, c\\.node');
/** With this one those that a plan does around its VMs are followed. */
const ACTIONS = jobs("c\\.phase = 'action'");
const BUDGET: Where = { service: 'cosmos', path: '/colls/settings/docs/writes' };

const BEGIN: readonly Boundary[] = [
  ...write('job created', () => jobs('"type":"job".*"state":"accepted"')),
  ...write('job running', () => jobs('"type":"job".*"state":"running"')),
  ...write('VMs locked', () => registry('"type":"lock"')),
  ...write('steps laid out', () => jobs('"operationType":"Create".*"type":"step"')),
  ...write('told that all steps stand', () => jobs('"type":"job".*"laidOut":true')),
];

const rounds = (operation: PlanOperation): readonly Boundary[] => [
  answered('first round: steps read', () => ROUND),
  answered('a later round: steps read', () => later(4, ROUND)),
  ...write('turns given', () => stepOf('waiting')),
  answered('writes reserved', () => BUDGET),
  answered('item looked at', () => arm('GET', '/replicationProtectedItems/[^/?]+(\\?|$)')),
  ...write('attempt prepared', () => attemptIn('prepared')),
  ...write('sending claimed', () => later(1, attemptIn('sending'))),
  ...write('ARM write', () => later(1, arm('POST', `/${VERBS[operation]}(\\?|$)`))),
  ...write('acceptance recorded', () => later(2, attemptIn('accepted'))),
  answered('job list read', () => arm('GET', '/replicationJobs(\\?|$)')),
  answered('ended job read', () => arm('GET', '/replicationJobs/[^/?]+(\\?|$)')),
  ...write('job end recorded', () => stepOf('settling')),
  ...write('registry updated', () => registry('"type":"replicatedVm".*"type":"lock"')),
  ...write('step ended', () => later(1, stepOf('succeeded'))),
];

const AROUND: readonly Boundary[] = [
  answered('actions read', () => ACTIONS),
  ...write('action begun', () => actionIn('started')),
  ...write('action ended', () => actionIn('succeeded')),
];

/** Of a run in which persons are asked, and others outside. */
const ASKED: readonly Boundary[] = [
  ...write('request claimed', () => jobs('"phase":"action".*"type":"attempt".*"state":"sending"')),
  ...write('its answer recorded', () => jobs('"phase":"action".*"type":"attempt".*"state":"accepted"')),
  ...write('question told', () => jobs('"type":"job".*"needs":\\[\\{')),
  ...write('answer kept', () => jobs('"type":"answer"')),
  ...write('question gone', () => jobs('"type":"job".*"needs":\\[\\],"asked":2')),
];

/** What runs in Azure under a name of its own. */
const IN_AZURE: readonly Boundary[] = [
  ...write('runbook sent', () => arm('PUT', '/automationAccounts/[^/]+/jobs/')),
  ...write('script sent', () => arm('PUT', '/runCommands/')),
  ...write('script taken away', () => arm('DELETE', '/runCommands/')),
];

/** The history is cut after so many rounds. */
const CUT: readonly Boundary[] = [
  {
    name: 'last round of a history: steps read',
    point: 'answered',
    where: () => later(ROUNDS_IN_A_HISTORY - 1, ROUND),
  },
  {
    name: 'first round of the next history',
    point: 'received',
    where: () => later(ROUNDS_IN_A_HISTORY, ROUND),
  },
];

const END: readonly Boundary[] = [
  ...write('VMs given back', () => registry('"operationType":"Delete"')),
  ...write('job closed', () => jobs('"type":"job".*"state":"completed"')),
  ...write('summary written', () => ({
    service: 'cosmos',
    path: '/colls/jobIndex/docs',
    body: '"state":"completed"',
  })),
];

const MORE: Partial<Record<PlanOperation, readonly Boundary[]>> = {
  failover: [...AROUND, ...ASKED, ...IN_AZURE],
  testFailover: [...AROUND, ...CUT],
};

/**
 * In an order in which each finds the VMs where it begins, and the last leaves them where the first
 * began.
 */
export const STORY: readonly PlanOperation[] = [
  'testFailover',
  'cleanUpTestFailover',
  'failover',
  'changeRecoveryPoint',
  'cancelFailover',
  'failover',
  'commit',
  'reprotect',
  'failback',
];

export const boundariesOf = (operation: PlanOperation): readonly Boundary[] => [
  ...BEGIN,
  ...rounds(operation),
  ...(MORE[operation] ?? []),
  ...END,
];
