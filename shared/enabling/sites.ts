// Lists the sites on premises, with their hosts and machines. The sites route calls this module. It
// changes nothing.
import type { SiteFacts, SiteMachine } from '../azure/facts.ts';
import { withReadFaults } from '../azure/readFaults.ts';
import { nameOf } from '../core/armId.ts';
import { rejected } from '../core/errors.ts';
import type { Refusal } from '../core/refusal.ts';
import { listVaultArmIds } from '../replications/refreshVaults.ts';
import { readFactsOfVault } from '../replications/vaultFacts.ts';
import { requireCapabilities } from '../scenarios/drivers.ts';
import { sameId } from '../siterecovery/item.ts';
import type { SitesQuery } from './sourceQueries.ts';

/** A machine with the reasons against its protection. */
export interface ListedMachine extends SiteMachine {
  readonly canBeProtected: boolean;
  readonly reasons: readonly Refusal[];
}
/** A site of one vault. */
export interface ListedSite extends Omit<SiteFacts, 'machines'> {
  readonly vault: string;
  readonly region: string;
  readonly machines: readonly ListedMachine[];
}

/** The sites of one vault, or of all vaults that Lifeboat knows. */
export async function findSites({
  vault: wantedVault,
  site: wantedSite,
}: SitesQuery): Promise<readonly ListedSite[]> {
  const ids = wantedVault === undefined ? await listVaultArmIds() : [wantedVault];
  const sites = await Promise.all(
    ids.map((id) =>
      withReadFaults(`the sites of ${nameOf(id)}`, async () => {
        const vault = await readFactsOfVault(id);
        if (!vault && wantedVault !== undefined)
          throw rejected(
            422,
            'VaultUnknown',
            `The vault ${id} does not exist, or cannot be seen. Nothing was changed.`,
          );
        return (vault?.sites ?? []).map((site) => toListedSite(site, id, vault?.region ?? ''));
      }),
    ),
  );
  return sites.flat().filter(({ name }) => wantedSite === undefined || sameId(name, wantedSite));
}

const toListedSite = (site: SiteFacts, vault: string, region: string): ListedSite => ({
  ...site,
  vault,
  region,
  machines: site.machines.map((machine) => {
    const reasons = [
      ...(machine.itemId === null
        ? []
        : [{ code: 'AlreadyProtected', message: 'The machine is replicated already.' }]),
      ...(requireCapabilities(site.scenario).enabling.sites?.refusalsOf(machine) ?? []),
    ];
    return { ...machine, canBeProtected: reasons.length === 0, reasons };
  }),
});
