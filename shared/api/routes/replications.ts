// Describes the routes of replicated VMs.
import { ReplicationsQuery } from '../queries.ts';
import { ReplicationDetails, Replications } from '../responses/replication.ts';
import { AZURE_PROBLEMS, type RouteDescription } from './routeDescription.ts';
import { UNKNOWN_VM_ID, EXAMPLE_VM_ID } from './exampleValues.ts';

export const REPLICATION_ROUTES = {
  'GET /api/v1/replications': {
    id: 'listReplications',
    area: 'replications',
    summary:
      'Lists the replicated VMs under their Lifeboat ids, with their allowed operations, and the VMs on their ' +
      'way to protection, with percent and job.',
    query: ReplicationsQuery,
    responses: {
      200: { description: 'One page of the VMs by name, in their last known state.', schema: Replications },
    },
    problems: ['400 ContinuationInvalid'],
    examples: [
      { name: 'All', status: 200 },
      { name: 'Filtered', query: { name: 'web', state: 'protected,testing', health: 'normal' }, status: 200 },
      { name: 'An unknown word', query: { title: 'web' }, status: 400 },
    ],
  },
  'GET /api/v1/replications/{id}': {
    id: 'readReplication',
    area: 'replications',
    summary:
      'Reads one replicated VM, or one during its enabling, live from Azure: state, health, recovery points, ' +
      'settings, its jobs in Site Recovery.',
    responses: { 200: { description: 'The VM as Azure shows it now.', schema: ReplicationDetails } },
    problems: ['404 VmUnknown', '404 ReplicationGone', ...AZURE_PROBLEMS],
    examples: [
      { name: 'A known VM', path: { id: EXAMPLE_VM_ID }, status: 200 },
      { name: 'An unknown VM', path: { id: UNKNOWN_VM_ID }, status: 404 },
    ],
  },
} as const satisfies Readonly<Record<string, RouteDescription>>;
