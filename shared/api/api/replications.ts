// Routes of replicated VMs.
import { ReplicationNow, Replications } from '../answers/replication.ts';
import { AZURE, type Described } from './described.ts';
import { OF_AN_UNKNOWN_VM, VM } from './examples.ts';

export const REPLICATIONS = {
  'GET /api/v1/replications': {
    id: 'listReplications',
    area: 'replications',
    summary: 'The replicated VMs that Lifeboat knows, under its own ids, with what each allows now.',
    answers: { 200: { what: 'All of them, as they were last seen.', schema: Replications } },
    examples: [{ name: 'All', status: 200 }],
  },
  'GET /api/v1/replications/{id}': {
    id: 'readReplication',
    area: 'replications',
    summary:
      'One of them, or one on its way there, fresh from Azure: state, health, recovery points, ' +
      'settings, its jobs in Site Recovery.',
    answers: { 200: { what: 'The VM as Azure shows it now.', schema: ReplicationNow } },
    problems: ['404 VmUnknown', '404 ReplicationGone', ...AZURE],
    examples: [
      { name: 'One that is known', path: { id: VM }, status: 200 },
      { name: 'One that is not', path: { id: OF_AN_UNKNOWN_VM }, status: 404 },
    ],
  },
} as const satisfies Readonly<Record<string, Described>>;
