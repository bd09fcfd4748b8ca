// Every boundary at which the app may die while it enables or disables many VMs, and creates their
// prerequisites.
import {
  answeredBoundary,
  armRequest,
  jobsRequest,
  registryRequest,
  writeBoundaries,
  type Boundary,
  type RequestFilter,
} from './boundaries.ts';

/** An index in the middle of the VMs: not the first, not the last. */
const SKIPPED_VMS = 5;
const amongVms = (where: RequestFilter): RequestFilter => ({ ...where, skip: SKIPPED_VMS });
const attemptInState = (phase: string, state: string): RequestFilter =>
  jobsRequest(`"type":"attempt".*"stepId":"step:${phase}.*"state":"${state}"`);
const stepInState = (phase: string, state: string): RequestFilter =>
  jobsRequest(`"type":"step".*"phase":"${phase}.*"state":"${state}"`);
const itemRequest = (method: string, call = ''): RequestFilter =>
  armRequest(method, `/replicationProtectedItems/[^/?]+${call}(\\?|$)`);
/** The requests that differ between scenarios. */
export interface EnablingRequests {
  /** A read of the machines before the decision. */
  readonly survey: RequestFilter;
  /** A read of a prerequisite. */
  readonly prerequisiteRead: RequestFilter;
  /** The creation of each kind of prerequisite, by a name. */
  readonly created: Readonly<Record<string, RequestFilter>>;
  /** The phases of the first, a middle and the last prerequisite. */
  readonly phases: readonly [string, string, string];
  /** True when the command makes the vault. */
  readonly makesVault: boolean;
}

export const createRequest = (path: string): RequestFilter => armRequest('PUT', `/${path}/[^/?]+(\\?|$)`);

const planningBoundaries = ({ survey }: EnablingRequests): readonly Boundary[] => [
  ...writeBoundaries('job created', () => jobsRequest('"type":"job".*"state":"accepted"')),
  ...writeBoundaries('job running', () => jobsRequest('"type":"job".*"state":"running"')),
  answeredBoundary('Azure surveyed', () => survey),
  ...writeBoundaries('VMs locked', () => registryRequest('"type":"lock"')),
  ...writeBoundaries('steps planned', () => jobsRequest('"operationType":"Create".*"type":"step"')),
  ...writeBoundaries('names of items noted', () => registryRequest('"type":"source"')),
  ...writeBoundaries('previews of VMs written', () => jobsRequest('"type":"vmPreview"')),
  ...writeBoundaries('preview written', () => jobsRequest('"id":"preview"')),
  answeredBoundary('writes reserved', () => ({ service: 'cosmos', path: '/colls/settings/docs/writes' })),
];

const prerequisiteBoundaries = ({
  prerequisiteRead,
  created,
  phases: [first, middle, last],
  makesVault,
}: EnablingRequests): readonly Boundary[] => [
  answeredBoundary('prerequisite polled', () => prerequisiteRead),
  ...writeBoundaries('part: attempt prepared', () => attemptInState(first, 'prepared')),
  ...writeBoundaries('part: sending claimed', () => attemptInState(middle, 'sending')),
  ...Object.entries(created).flatMap(([name, request]) => writeBoundaries(`${name} made`, () => request)),
  ...writeBoundaries('part: acceptance recorded', () => attemptInState(last, 'accepted')),
  ...writeBoundaries('part: step ended', () => stepInState(first, 'succeeded')),
  ...(makesVault ? writeBoundaries('vault known', () => registryRequest('"type":"vault"')) : []),
];

const VMS: readonly Boundary[] = [
  answeredBoundary('item searched', () => amongVms(itemRequest('GET'))),
  ...writeBoundaries('attempt prepared', () => amongVms(attemptInState('enableReplication', 'prepared'))),
  ...writeBoundaries('sending claimed', () => amongVms(attemptInState('enableReplication', 'sending'))),
  ...writeBoundaries('item made', () => amongVms(itemRequest('PUT'))),
  ...writeBoundaries('acceptance recorded', () => amongVms(attemptInState('enableReplication', 'accepted'))),
  answeredBoundary('ended job read', () => amongVms(armRequest('GET', '/replicationJobs/[^/?]+(\\?|$)'))),
  ...writeBoundaries('job end recorded', () => amongVms(stepInState('enableReplication', 'settling'))),
  ...writeBoundaries('VM registered', () => amongVms(registryRequest('"type":"replicatedVm"'))),
  ...writeBoundaries('step ended', () => amongVms(stepInState('enableReplication', 'succeeded'))),
  ...writeBoundaries('VMs given back', () => registryRequest('"operationType":"Delete"')),
  ...writeBoundaries('job closed', () => jobsRequest('"type":"job".*"state":"completed"')),
];

export const enablingBoundaries = (requests: EnablingRequests): readonly Boundary[] => [
  ...planningBoundaries(requests),
  ...prerequisiteBoundaries(requests),
  ...VMS,
];

export const DISABLING_BOUNDARIES: readonly Boundary[] = [
  // Many VMs at once are looked up in one list, and not item by item.
  answeredBoundary('items listed', () => armRequest('GET', '/vaults/[^/]+/replicationProtectedItems(\\?|$)')),
  ...writeBoundaries('sending claimed', () => amongVms(attemptInState('disableReplication', 'sending'))),
  ...writeBoundaries('removal', () => amongVms(itemRequest('POST', '/remove'))),
  ...writeBoundaries('acceptance recorded', () => amongVms(attemptInState('disableReplication', 'accepted'))),
  ...writeBoundaries('name spent', () => amongVms(registryRequest('"type":"source".*"spent":true'))),
  ...writeBoundaries('VM out of the registry', () =>
    amongVms(registryRequest('"operationType":"Delete".*"type":"lock"')),
  ),
  ...writeBoundaries('step ended', () => amongVms(stepInState('disableReplication', 'succeeded'))),
];
