// Every boundary of accept, attempt and phase at which the app may die, named, and seen from the
// Azure servers' side.
import type { FaultPoint, FaultRule } from '../../simulator/wire/fault.ts';

export type KilledOperation = 'failover' | 'commit' | 'reprotect';
export type Where = Pick<FaultRule, 'service' | 'method' | 'path' | 'body' | 'skip'>;

/** `Of`: what its place depends on. */
export interface Boundary<Of = KilledOperation> {
  readonly name: string;
  readonly point: FaultPoint;
  readonly where: (of: Of) => Where;
}

const VERBS: Record<KilledOperation, string> = {
  failover: 'unplannedFailover',
  commit: 'failoverCommit',
  reprotect: 'switchprotection',
};

export const jobs = (body: string): Where => ({
  service: 'cosmos',
  method: 'POST',
  path: '/colls/jobs/docs',
  body,
});
export const registry = (body: string): Where => ({
  service: 'cosmos',
  method: 'POST',
  path: '/colls/registry/docs',
  body,
});
export const arm = (method: string, path: string): Where => ({ service: 'arm', method, path });

/** A write has three moments: it never arrives, it is done and nobody is told, it is acknowledged. */
export const write = <Of = KilledOperation>(name: string, where: (of: Of) => Where): Boundary<Of>[] => [
  { name: `${name}: before it arrives`, point: 'received', where },
  { name: `${name}: done, not answered`, point: 'applied', where },
  { name: `${name}: acknowledged`, point: 'answered', where },
];
export const answered = <Of = KilledOperation>(name: string, where: (of: Of) => Where): Boundary<Of> => ({
  name: `${name}: answer not yet read`,
  point: 'answered',
  where,
});

export const ACCEPT: readonly Boundary[] = write('job created', () =>
  jobs('"type":"job".*"state":"accepted"'),
);

export const BEGIN: readonly Boundary[] = [
  ...write('job running', () => jobs('"type":"job".*"state":"running"')),
  ...write('VM locked', () => registry('"type":"lock"')),
  ...write('steps laid out', () => jobs('"operationType":"Create".*"type":"step"')),
  answered('writes reserved', () => ({ service: 'cosmos', path: '/colls/settings/docs/writes' })),
];

export const ATTEMPT: readonly Boundary[] = [
  answered('item looked at', () => arm('GET', '/replicationProtectedItems/[^/?]+(\\?|$)')),
  ...write('attempt prepared', () => jobs('"type":"attempt".*"state":"prepared"')),
  ...write('sending claimed', () => jobs('"type":"attempt".*"state":"sending"')),
  ...write('ARM write', (operation) => arm('POST', `/${VERBS[operation]}(\\?|$)`)),
  ...write('acceptance recorded', () => jobs('"type":"attempt".*"state":"accepted"')),
];

export const PHASE: readonly Boundary[] = [
  // Of a few that run each is asked for by itself, while it runs and when it has ended.
  answered('job read', () => arm('GET', '/replicationJobs/[^/?]+(\\?|$)')),
  answered('job read again', () => ({ ...arm('GET', '/replicationJobs/[^/?]+(\\?|$)'), skip: 1 })),
  ...write('job end recorded', () => jobs('"type":"step".*"state":"settling"')),
  // The first look at the item comes before the write.
  answered('item read again', () => ({ ...arm('GET', '/replicationProtectedItems/[^/?]+(\\?|$)'), skip: 1 })),
  ...write('registry updated', () => registry('"type":"replicatedVm".*"type":"lock"')),
  ...write('step ended', () => jobs('"type":"step".*"state":"succeeded"')),
  ...write('VM given back', () => registry('"operationType":"Delete"')),
  ...write('job closed', () => jobs('"type":"job".*"state":"completed"')),
];

export const BOUNDARIES: readonly Boundary[] = [...ACCEPT, ...BEGIN, ...ATTEMPT, ...PHASE];
