// Names every boundary of accept, attempt and phase at which the app may die. The Azure servers see
// each boundary as a request.
import type { FaultPoint, FaultRule } from '../../simulator/wire/fault.ts';
/** One write of an operation, at whose boundaries the app may die. */
export interface KilledWrite {
  readonly phase: string;
  /** The last part of the path of its request; `update` for a PATCH of the item. */
  readonly verb: string;
  /** The name under which Site Recovery counts the write. */
  readonly operation: string;
}
export type RequestFilter = Pick<FaultRule, 'service' | 'method' | 'path' | 'body' | 'skip'>;

/** `Of`: the input that decides the place of the boundary. */
export interface Boundary<Of = unknown> {
  readonly name: string;
  readonly point: FaultPoint;
  readonly where: (of: Of) => RequestFilter;
}

export const jobsRequest = (body: string): RequestFilter => ({
  service: 'cosmos',
  method: 'POST',
  path: '/colls/jobs/docs',
  body,
});
export const registryRequest = (body: string): RequestFilter => ({
  service: 'cosmos',
  method: 'POST',
  path: '/colls/registry/docs',
  body,
});
export const armRequest = (method: string, path: string): RequestFilter => ({ service: 'arm', method, path });

/** A write has three moments: it never arrives, it is complete without an answer, or its answer arrived. */
export const writeBoundaries = <Of = unknown>(
  name: string,
  where: (of: Of) => RequestFilter,
): Boundary<Of>[] => [
  { name: `${name}: before it arrives`, point: 'received', where },
  { name: `${name}: done, not answered`, point: 'applied', where },
  { name: `${name}: acknowledged`, point: 'answered', where },
];
export const answeredBoundary = <Of = unknown>(
  name: string,
  where: (of: Of) => RequestFilter,
): Boundary<Of> => ({
  name: `${name}: answer not yet read`,
  point: 'answered',
  where,
});

const attemptInState =
  (state: string) =>
  ({ phase }: KilledWrite): RequestFilter =>
    jobsRequest(`"type":"attempt".*"stepId":"step:${phase}.*"state":"${state}"`);
const stepInState =
  (state: string) =>
  ({ phase }: KilledWrite): RequestFilter =>
    jobsRequest(`"type":"step".*"phase":"${phase}".*"state":"${state}"`);
const requestOf = ({ verb }: KilledWrite): RequestFilter =>
  verb === 'update'
    ? armRequest('PATCH', '/replicationProtectedItems/[^/?]+(\\?|$)')
    : armRequest('POST', `/${verb}(\\?|$)`);

export const ACCEPT: readonly Boundary<KilledWrite>[] = writeBoundaries('job created', () =>
  jobsRequest('"type":"job".*"state":"accepted"'),
);

export const BEGIN: readonly Boundary<KilledWrite>[] = [
  ...writeBoundaries('job running', () => jobsRequest('"type":"job".*"state":"running"')),
  ...writeBoundaries('VM locked', () => registryRequest('"type":"lock"')),
  ...writeBoundaries('steps planned', () => jobsRequest('"operationType":"Create".*"type":"step"')),
  answeredBoundary('writes reserved', () => ({ service: 'cosmos', path: '/colls/settings/docs/writes' })),
];

export const ATTEMPT: readonly Boundary<KilledWrite>[] = [
  answeredBoundary('item polled', () => armRequest('GET', '/replicationProtectedItems/[^/?]+(\\?|$)')),
  ...writeBoundaries('attempt prepared', attemptInState('prepared')),
  ...writeBoundaries('sending claimed', attemptInState('sending')),
  ...writeBoundaries('ARM write', requestOf),
  ...writeBoundaries('acceptance recorded', attemptInState('accepted')),
];

export const PHASE: readonly Boundary<KilledWrite>[] = [
  // A few running jobs get one request each, during the run and after the end.
  answeredBoundary('job read', () => armRequest('GET', '/replicationJobs/[^/?]+(\\?|$)')),
  answeredBoundary('job read again', () => ({
    ...armRequest('GET', '/replicationJobs/[^/?]+(\\?|$)'),
    skip: 1,
  })),
  ...writeBoundaries('job end recorded', stepInState('settling')),
  // The first read of the item comes before the write.
  answeredBoundary('item read again', () => ({
    ...armRequest('GET', '/replicationProtectedItems/[^/?]+(\\?|$)'),
    skip: 1,
  })),
  ...writeBoundaries('registry updated', () => registryRequest('"type":"replicatedVm".*"type":"lock"')),
  ...writeBoundaries('step ended', stepInState('succeeded')),
  ...writeBoundaries('VM given back', () => registryRequest('"operationType":"Delete"')),
  ...writeBoundaries('job closed', () => jobsRequest('"type":"job".*"state":"completed"')),
];

export const BOUNDARIES: readonly Boundary<KilledWrite>[] = [...ACCEPT, ...BEGIN, ...ATTEMPT, ...PHASE];
