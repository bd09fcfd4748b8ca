// The facts and decisions that apply to every VM of a request: source, target and vault. Pure.
import type { AzureFacts, RegionFacts } from '../../../../azure/facts.ts';
import { createLookup, type Lookup } from '../../../enabling/lookup.ts';
import { emptyNotes, refuse, type Notes } from '../../../enabling/notes.ts';
import { resolveSource, resolveTarget, resolveVault, type VaultLocation } from './locations.ts';
import { roleRefusalsFrom, type FindRoleRefusal } from '../../../enabling/machineRoles.ts';
import type { PrepareRequest } from './request.ts';
import type { Refusal } from '../../../../core/refusal.ts';
import { type Location } from '../../../enabling/support.ts';

/** The shared context of all rules for one request. */
export interface RequestScope {
  readonly lookup: Lookup;
  readonly request: PrepareRequest;
  readonly source: Location;
  readonly target: Location;
  readonly targetRegion: RegionFacts;
  readonly zoneToZone: boolean;
  readonly vault: VaultLocation;
  /** The replicated items of this vault, by source VM. */
  readonly items: Lookup['itemBySourceVm'];
  readonly findRoleRefusal: FindRoleRefusal;
  /**
   * Computes a value once for all VMs that share it, for example a prerequisite or a size choice.
   */
  readonly computeOnce: <T>(key: string, make: () => T) => T;
}

function createComputeOnce(): RequestScope['computeOnce'] {
  const values = new Map<string, unknown>();
  return <T>(key: string, make: () => T): T => {
    if (!values.has(key)) values.set(key, make());
    return values.get(key) as T;
  };
}

const UNKNOWN_REGION: Omit<RegionFacts, 'name'> = {
  displayName: '',
  geography: null,
  pairedWith: null,
  zones: [],
  offersSiteRecovery: false,
};

/** Builds the context of a request, with the refusals of the whole request. */
export function resolveScope(
  facts: AzureFacts,
  request: PrepareRequest,
  requestRefusals: readonly Refusal[] = [],
): { readonly scope: RequestScope; readonly notes: Notes } {
  const notes = emptyNotes();
  const lookup = createLookup(facts);
  notes.refusals.push(...requestRefusals);
  const source = resolveSource(lookup, request, notes);
  const target = resolveTarget(lookup, request, source, notes);
  const vault = resolveVault(lookup, request, source, target, notes);
  if (request.proxy?.authenticates) {
    refuse(
      notes,
      'AuthenticatingProxy',
      'The VMs reach the internet through a proxy that asks for a sign-in; Site Recovery does ' +
        'not support that. Let them pass it without a sign-in, or go around it.',
    );
  }
  const targetRegion = lookup.regionByName.get(target.region) ?? { name: target.region, ...UNKNOWN_REGION };
  return {
    scope: {
      lookup,
      request,
      source,
      target,
      targetRegion,
      vault,
      items: vault.facts ? lookup.itemBySourceVm : new Map(),
      findRoleRefusal: roleRefusalsFrom(facts.vault?.replicatedVms ?? [], facts.registeredVms),
      zoneToZone: source.region === target.region,
      computeOnce: createComputeOnce(),
    },
    notes,
  };
}
