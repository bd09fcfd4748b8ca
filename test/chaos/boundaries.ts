// Names every boundary of accept, attempt and phase at which the app may die. The Azure servers see
// each boundary as a request.
import type { FaultPoint, FaultRule } from '../../simulator/wire/fault.ts';

export type KilledOperation = 'failover' | 'commit' | 'reprotect';
export type RequestFilter = Pick<FaultRule, 'service' | 'method' | 'path' | 'body' | 'skip'>;

/** `Of`: the input that decides the place of the boundary. */
export interface Boundary<Of = KilledOperation> {
  readonly name: string;
  readonly point: FaultPoint;
  readonly where: (of: Of) => RequestFilter;
}

const VERBS: Record<KilledOperation, string> = {
  failover: 'unplannedFailover',
  commit: 'failoverCommit',
  reprotect: 'switchprotection',
};

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
export const writeBoundaries = <Of = KilledOperation>(
  name: string,
  where: (of: Of) => RequestFilter,
): Boundary<Of>[] => [
  { name: `${name}: before it arrives`, point: 'received', where },
  { name: `${name}: done, not answered`, point: 'applied', where },
  { name: `${name}: acknowledged`, point: 'answered', where },
];
export const answeredBoundary = <Of = KilledOperation>(
  name: string,
  where: (of: Of) => RequestFilter,
): Boundary<Of> => ({
  name: `${name}: answer not yet read`,
  point: 'answered',
  where,
});

export const ACCEPT: readonly Boundary[] = writeBoundaries('job created', () =>
  jobsRequest('"type":"job".*"state":"accepted"'),
);

export const BEGIN: readonly Boundary[] = [
  ...writeBoundaries('job running', () => jobsRequest('"type":"job".*"state":"running"')),
  ...writeBoundaries('VM locked', () => registryRequest('"type":"lock"')),
  ...writeBoundaries('steps planned', () => jobsRequest('"operationType":"Create".*"type":"step"')),
  answeredBoundary('writes reserved', () => ({ service: 'cosmos', path: '/colls/settings/docs/writes' })),
];

export const ATTEMPT: readonly Boundary[] = [
  answeredBoundary('item polled', () => armRequest('GET', '/replicationProtectedItems/[^/?]+(\\?|$)')),
  ...writeBoundaries('attempt prepared', () => jobsRequest('"type":"attempt".*"state":"prepared"')),
  ...writeBoundaries('sending claimed', () => jobsRequest('"type":"attempt".*"state":"sending"')),
  ...writeBoundaries('ARM write', (operation) => armRequest('POST', `/${VERBS[operation]}(\\?|$)`)),
  ...writeBoundaries('acceptance recorded', () => jobsRequest('"type":"attempt".*"state":"accepted"')),
];

export const PHASE: readonly Boundary[] = [
  // A few running jobs get one request each, during the run and after the end.
  answeredBoundary('job read', () => armRequest('GET', '/replicationJobs/[^/?]+(\\?|$)')),
  answeredBoundary('job read again', () => ({
    ...armRequest('GET', '/replicationJobs/[^/?]+(\\?|$)'),
    skip: 1,
  })),
  ...writeBoundaries('job end recorded', () => jobsRequest('"type":"step".*"state":"settling"')),
  // The first read of the item comes before the write.
  answeredBoundary('item read again', () => ({
    ...armRequest('GET', '/replicationProtectedItems/[^/?]+(\\?|$)'),
    skip: 1,
  })),
  ...writeBoundaries('registry updated', () => registryRequest('"type":"replicatedVm".*"type":"lock"')),
  ...writeBoundaries('step ended', () => jobsRequest('"type":"step".*"state":"succeeded"')),
  ...writeBoundaries('VM given back', () => registryRequest('"operationType":"Delete"')),
  ...writeBoundaries('job closed', () => jobsRequest('"type":"job".*"state":"completed"')),
];

export const BOUNDARIES: readonly Boundary[] = [...ACCEPT, ...BEGIN, ...ATTEMPT, ...PHASE];
