// Every boundary at which the app may die during a run of a plan, by operation. They cover
// accepting, planning the steps, the rounds of the orchestration, the actions around VMs, and the
// end.
import type { PlanOperation } from '../../shared/plans/rules/graph.ts';
import { MAX_ROUNDS_PER_HISTORY } from '../../orchestrators/runPlan.ts';
import {
  answeredBoundary,
  armRequest,
  jobsRequest,
  registryRequest,
  writeBoundaries,
  type Boundary,
  type RequestFilter,
} from './boundaries.ts';

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
export const PLAN_VERBS = Object.values(VERBS).join('|');

/** Skips the first requests of a kind, so that the orchestration is in the middle. */
const skipFirst = (skip: number, where: RequestFilter): RequestFilter => ({ ...where, skip });
const stepInState = (state: string): RequestFilter =>
  jobsRequest(`"operationType":"Replace".*"type":"step".*"phase":"(?!action).*"state":"${state}"`);
const actionInState = (state: string): RequestFilter =>
  jobsRequest(`"type":"step".*"phase":"action".*"state":"${state}"`);
const attemptInState = (state: string): RequestFilter => jobsRequest(`"type":"attempt".*"state":"${state}"`);
/** Each round begins with this query. */
const ROUND_QUERY = jobsRequest('SELECT c\\.id, c\\.epoch, c\\.node');
/** This query polls the actions around the VMs. */
const ACTIONS_QUERY = jobsRequest("c\\.phase = 'action'");
const BUDGET_REQUEST: RequestFilter = { service: 'cosmos', path: '/colls/settings/docs/writes' };

const BEGIN: readonly Boundary[] = [
  ...writeBoundaries('job created', () => jobsRequest('"type":"job".*"state":"accepted"')),
  ...writeBoundaries('job running', () => jobsRequest('"type":"job".*"state":"running"')),
  ...writeBoundaries('VMs locked', () => registryRequest('"type":"lock"')),
  ...writeBoundaries('steps planned', () => jobsRequest('"operationType":"Create".*"type":"step"')),
  ...writeBoundaries('all steps stored', () => jobsRequest('"type":"job".*"laidOut":true')),
];

const roundBoundaries = (operation: PlanOperation): readonly Boundary[] => [
  answeredBoundary('first round: steps read', () => ROUND_QUERY),
  answeredBoundary('a later round: steps read', () => skipFirst(4, ROUND_QUERY)),
  ...writeBoundaries('turns given', () => stepInState('waiting')),
  answeredBoundary('writes reserved', () => BUDGET_REQUEST),
  answeredBoundary('item polled', () => armRequest('GET', '/replicationProtectedItems/[^/?]+(\\?|$)')),
  ...writeBoundaries('attempt prepared', () => attemptInState('prepared')),
  ...writeBoundaries('sending claimed', () => skipFirst(1, attemptInState('sending'))),
  ...writeBoundaries('ARM write', () => skipFirst(1, armRequest('POST', `/${VERBS[operation]}(\\?|$)`))),
  ...writeBoundaries('acceptance recorded', () => skipFirst(2, attemptInState('accepted'))),
  answeredBoundary('job list read', () => armRequest('GET', '/replicationJobs(\\?|$)')),
  answeredBoundary('ended job read', () => armRequest('GET', '/replicationJobs/[^/?]+(\\?|$)')),
  ...writeBoundaries('job end recorded', () => stepInState('settling')),
  ...writeBoundaries('registry updated', () => registryRequest('"type":"replicatedVm".*"type":"lock"')),
  ...writeBoundaries('step ended', () => skipFirst(1, stepInState('succeeded'))),
];

const ACTION_BOUNDARIES: readonly Boundary[] = [
  answeredBoundary('actions read', () => ACTIONS_QUERY),
  ...writeBoundaries('action begun', () => actionInState('started')),
  ...writeBoundaries('action ended', () => actionInState('succeeded')),
];

/** Boundaries of a run that asks persons and calls other systems. */
const QUESTION_BOUNDARIES: readonly Boundary[] = [
  ...writeBoundaries('request claimed', () =>
    jobsRequest('"phase":"action".*"type":"attempt".*"state":"sending"'),
  ),
  ...writeBoundaries('its answer recorded', () =>
    jobsRequest('"phase":"action".*"type":"attempt".*"state":"accepted"'),
  ),
  ...writeBoundaries('question told', () => jobsRequest('"type":"job".*"needs":\\[\\{')),
  ...writeBoundaries('answer kept', () => jobsRequest('"type":"answer"')),
  ...writeBoundaries('question gone', () => jobsRequest('"type":"job".*"needs":\\[\\],"asked":2')),
];

/** Boundaries of actions that run in Azure under their own names. */
const IN_AZURE: readonly Boundary[] = [
  ...writeBoundaries('runbook sent', () => armRequest('PUT', '/automationAccounts/[^/]+/jobs/')),
  ...writeBoundaries('script sent', () => armRequest('PUT', '/runCommands/')),
  ...writeBoundaries('script taken away', () => armRequest('DELETE', '/runCommands/')),
];

/** The orchestration continues as new after this number of rounds. */
const HISTORY_BOUNDARIES: readonly Boundary[] = [
  {
    name: 'last round of a history: steps read',
    point: 'answered',
    where: () => skipFirst(MAX_ROUNDS_PER_HISTORY - 1, ROUND_QUERY),
  },
  {
    name: 'first round of the next history',
    point: 'received',
    where: () => skipFirst(MAX_ROUNDS_PER_HISTORY, ROUND_QUERY),
  },
];

const END: readonly Boundary[] = [
  ...writeBoundaries('VMs given back', () => registryRequest('"operationType":"Delete"')),
  ...writeBoundaries('job closed', () => jobsRequest('"type":"job".*"state":"completed"')),
  ...writeBoundaries('summary written', () => ({
    service: 'cosmos',
    path: '/colls/jobIndex/docs',
    body: '"state":"completed"',
  })),
];

const EXTRA_BOUNDARIES: Partial<Record<PlanOperation, readonly Boundary[]>> = {
  failover: [...ACTION_BOUNDARIES, ...QUESTION_BOUNDARIES, ...IN_AZURE],
  testFailover: [...ACTION_BOUNDARIES, ...HISTORY_BOUNDARIES],
};

/**
 * In this order each operation finds its VMs in the right state. The last operation leaves the VMs
 * in the first state.
 */
export const OPERATION_CYCLE: readonly PlanOperation[] = [
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
  ...roundBoundaries(operation),
  ...(EXTRA_BOUNDARIES[operation] ?? []),
  ...END,
];
