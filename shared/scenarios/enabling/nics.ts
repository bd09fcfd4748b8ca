// Finds the network interfaces that a change names, by name or by id. Pure.
import { nameOf } from '../../core/armId.ts';
import type { Refusal } from '../../core/refusal.ts';
import { sameId } from '../../siterecovery/item.ts';
import { formatList, refuse } from './notes.ts';
import type { CurrentSettings } from './updateRequest.ts';

/** Tells whether a name or id means this interface. */
export const isNamedNic = (id: string, nameOrId: string): boolean =>
  sameId(id, nameOrId) || sameId(nameOf(id), nameOrId);

/** The interface with this name or id. Two resource groups may have interfaces of one name. */
export function findNic(
  { name, nics }: Pick<CurrentSettings, 'name' | 'nics'>,
  nameOrId: string,
  notes: { readonly refusals: Refusal[] },
): CurrentSettings['nics'][number] | undefined {
  const matching = nics.filter(({ id }) => isNamedNic(id, nameOrId));
  if (matching.length === 1) return matching[0];
  const ids = formatList(matching.map(({ id }) => id).sort());
  const names = formatList(nics.map(({ id }) => nameOf(id)).sort());
  refuse(
    notes,
    'NicUnknown',
    matching.length > 1
      ? `${name} has several network interfaces ${nameOrId}. Name one by its ARM id: ${ids}.`
      : `${name} has no network interface ${nameOrId}. It has: ${names}.`,
  );
  return undefined;
}
