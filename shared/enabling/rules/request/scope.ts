// What holds for every VM of a wish: from where, to where, into which vault.
import { judgeGoal } from './goal.ts';
import type { Facts, RegionFacts } from '../../../azure/facts.ts';
import { lookup, type Lookup } from '../lookup.ts';
import { emptyNotes, refuse, type Notes } from '../notes.ts';
import { sourceOf, targetOf, vaultOf, type Place, type VaultPlace } from './places.ts';
import { rolesAmong, type RoleOf } from '../roles.ts';
import type { PrepareWish } from './request.ts';

export interface Ground {
  readonly look: Lookup;
  readonly wish: PrepareWish;
  readonly source: Place;
  readonly target: Place;
  readonly targetRegion: RegionFacts;
  readonly zoneToZone: boolean;
  readonly vault: VaultPlace;
  /** What replicates in this vault, by source VM. */
  readonly items: Lookup['itemOf'];
  readonly roleOf: RoleOf;
  /** Parts and size choices that many VMs share are worked out once. */
  readonly once: <T>(key: string, make: () => T) => T;
}

function remembering(): Ground['once'] {
  const known = new Map<string, unknown>();
  return <T>(key: string, make: () => T): T => {
    if (!known.has(key)) known.set(key, make());
    return known.get(key) as T;
  };
}

const NOWHERE: Omit<RegionFacts, 'name'> = {
  displayName: '',
  geography: null,
  pairedWith: null,
  zones: [],
  offersSiteRecovery: false,
};

export function layGround(
  facts: Facts,
  wish: PrepareWish,
): { readonly ground: Ground; readonly notes: Notes } {
  const notes = emptyNotes();
  const look = lookup(facts);
  const wrongGoal = judgeGoal(wish.goal);
  if (wrongGoal) notes.refusals.push(wrongGoal);
  const source = sourceOf(look, wish, notes);
  const target = targetOf(look, wish, source, notes);
  const vault = vaultOf(look, wish, source, target, notes);
  if (wish.proxy?.authenticates) {
    refuse(
      notes,
      'AuthenticatingProxy',
      'The VMs reach the internet through a proxy that asks for a sign-in; Site Recovery does ' +
        'not support that. Let them pass it without signing in, or go around it.',
    );
  }
  const targetRegion = look.regionNamed.get(target.region) ?? { name: target.region, ...NOWHERE };
  return {
    ground: {
      look,
      wish,
      source,
      target,
      targetRegion,
      vault,
      items: vault.facts ? look.itemOf : new Map(),
      roleOf: rolesAmong(facts.vault?.replicas ?? [], facts.remembered),
      zoneToZone: source.region === target.region,
      once: remembering(),
    },
    notes,
  };
}
