// Routes of replicated VMs.
import { ReplicationDetails, Replications } from '../responses/replication.ts';
import { AZURE_PROBLEMS, type RouteDescription } from './routeDescription.ts';
import { UNKNOWN_VM_ID, EXAMPLE_VM_ID } from './exampleValues.ts';

export const REPLICATION_ROUTES = {
  'GET /api/v1/replications': {
    id: 'listReplications',
    area: 'replications',
    summary: 'The replicated VMs that Lifeboat knows, under its own ids, with what each allows now.',
    responses: { 200: { description: 'All of them, as they were last seen.', schema: Replications } },
    examples: [{ name: 'All', status: 200 }],
  },
  'GET /api/v1/replications/{id}': {
    id: 'readReplication',
    area: 'replications',
    summary:
      'One of them, or one on its way there, fresh from Azure: state, health, recovery points, ' +
      'settings, its jobs in Site Recovery.',
    responses: { 200: { description: 'The VM as Azure shows it now.', schema: ReplicationDetails } },
    problems: ['404 VmUnknown', '404 ReplicationGone', ...AZURE_PROBLEMS],
    examples: [
      { name: 'One that is known', path: { id: EXAMPLE_VM_ID }, status: 200 },
      { name: 'One that is not', path: { id: UNKNOWN_VM_ID }, status: 404 },
    ],
  },
} as const satisfies Readonly<Record<string, RouteDescription>>;
