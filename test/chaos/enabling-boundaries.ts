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
const createRequest = (path: string): RequestFilter => armRequest('PUT', `/${path}/[^/?]+(\\?|$)`);

const PLANNING: readonly Boundary[] = [
  ...writeBoundaries('job created', () => jobsRequest('"type":"job".*"state":"accepted"')),
  ...writeBoundaries('job running', () => jobsRequest('"type":"job".*"state":"running"')),
  answeredBoundary('Azure surveyed', () => armRequest('GET', '/virtualMachines(\\?|$)')),
  ...writeBoundaries('VMs locked', () => registryRequest('"type":"lock"')),
  ...writeBoundaries('steps planned', () => jobsRequest('"operationType":"Create".*"type":"step"')),
  ...writeBoundaries('names of items noted', () => registryRequest('"type":"source"')),
  ...writeBoundaries('previews of VMs written', () => jobsRequest('"type":"vmPreview"')),
  ...writeBoundaries('preview written', () => jobsRequest('"id":"preview"')),
  answeredBoundary('writes reserved', () => ({ service: 'cosmos', path: '/colls/settings/docs/writes' })),
];

const PREREQUISITES: readonly Boundary[] = [
  answeredBoundary('prerequisite polled', () => armRequest('GET', '/replicationFabrics/[^/?]+(\\?|$)')),
  ...writeBoundaries('part: attempt prepared', () => attemptInState('prepare', 'prepared')),
  ...writeBoundaries('part: sending claimed', () => attemptInState('prepare2', 'sending')),
  ...writeBoundaries('resource group made', () => createRequest('resourceGroups')),
  ...writeBoundaries('vault made', () => createRequest('vaults')),
  ...writeBoundaries('fabric made', () => createRequest('replicationFabrics')),
  ...writeBoundaries('network mapping made', () => createRequest('replicationNetworkMappings')),
  ...writeBoundaries('part: acceptance recorded', () => attemptInState('prepare3', 'accepted')),
  ...writeBoundaries('part: step ended', () => stepInState('prepare', 'succeeded')),
  ...writeBoundaries('vault known', () => registryRequest('"type":"vault"')),
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

export const ENABLING_BOUNDARIES: readonly Boundary[] = [...PLANNING, ...PREREQUISITES, ...VMS];

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
