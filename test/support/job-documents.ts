// Documents of a job as the store keeps them, for those who speak to the store and play no whole job.
import { SCHEMA } from '../../shared/store/schema.ts';
import type { CallbackDocument } from '../../shared/outbox/documents.ts';
import type { JobDocument, StepDocument } from '../../shared/journal/documents.ts';

export const jobOf = (jobId: string, acceptedAt: string): JobDocument => ({
  id: 'job', type: 'job', schema: SCHEMA, jobId, epoch: 1, state: 'accepted', run: null, command: { operation: 'failover', vms: ['vm-a', 'vm-b'], adopt: false, kind: 'unplanned', recoveryPoint: 'latest', shutDownSource: false, ticket: 'CHG-1' }, fingerprint: '',
  caller: { id: 'c', name: 'ada', tenant: 't', roles: [], door: 'rest' }, acceptedAt, startedAt: null, endedAt: null, exceptions: [], exceptionCount: 0, error: null, warnings: [], warningCount: 0, laidOut: false, retried: null, repairedAt: null, plan: null, vmCount: 2, needs: [], asked: 0, measures: null,
});

export const stepOf = (jobId: string, vm: string): StepDocument => ({
  id: `step:failover:${vm}`, type: 'step', schema: SCHEMA, jobId, epoch: 1, phase: 'failover', order: 0, targetId: vm, targetName: vm, work: { kind: 'replicatedVm', change: null, cacheStorageAccountId: null, points: null, networkId: null }, needs: [], vaultId: 'v', scenario: 'azureToAzure',
  begunIn: 'original', state: 'waiting', attempt: 0, armJobId: null, foreign: false, notBefore: null, waitsFor: null, error: null, warnings: [], startedAt: null, endedAt: null,
  armStartedAt: null, armEndedAt: null, recoveryPoint: null, armIdBefore: null, armIdAfter: null, replicationId: null, node: null, always: false, tries: 0, output: null, lines: 0,
});

export const callbackTo = (url: string, ...keys: string[]): CallbackDocument =>
  ({ id: 'callback:tickets', kind: 'callback', type: 'callback', schema: SCHEMA, version: 1, url, tells: 'events', level: 1, caller: null, keys, savedBy: null, savedAt: null });
