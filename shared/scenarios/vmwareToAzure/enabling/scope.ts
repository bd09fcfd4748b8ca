// The facts that apply to all VMs of a request: the vault, the site with its server and account, and
// the target. Pure.
import type { AzureFacts, RunAsAccount, SiteFacts, SiteHost, SiteMachine } from '../../../azure/facts.ts';
import { Scenario } from '../../../core/scenario.ts';
import { sameId } from '../../../siterecovery/item.ts';
import { emptyNotes, formatList, refuse, type Notes } from '../../enabling/notes.ts';
import {
  checkSubscription,
  checkVault,
  findPlaceOf,
  sitesOfScenario,
  type SiteScopeOf,
} from '../../enabling/onPremises/scope.ts';
import { APPLIANCE, CLASSIC } from '../instanceType.ts';
import type { VmwarePrepareRequest } from './request.ts';

/** The shared context of all rules for one request. */
export interface VmwareScope extends SiteScopeOf<VmwarePrepareRequest> {
  readonly server: SiteHost | undefined;
  readonly account: RunAsAccount | undefined;
  /** The forms of the site's items, policies and mappings. */
  readonly forms: typeof APPLIANCE | typeof CLASSIC;
}

/** Builds the context of a request, with the refusals of the whole request. */
export function resolveVmwareScope(
  facts: AzureFacts,
  request: VmwarePrepareRequest,
): { readonly scope: VmwareScope; readonly notes: Notes } {
  const notes = emptyNotes();
  const place = findPlaceOf(facts, request, Scenario.vmwareToAzure);
  const { site } = place;
  const { server: serverName, account: accountName } = request.source;
  const scope: VmwareScope = {
    ...place,
    server: serverName === undefined ? undefined : site?.hosts.find(({ name }) => sameId(name, serverName)),
    account:
      accountName === undefined ? undefined : site?.accounts?.find(({ name }) => sameId(name, accountName)),
    forms: site?.isRetiring ? CLASSIC : APPLIANCE,
  };
  checkVault(scope, notes);
  checkSite(scope, notes);
  checkSubscription(scope, notes);
  return { scope, notes };
}

function checkSite(scope: VmwareScope, notes: Notes): void {
  const { request, vault, site, server, account } = scope;
  if (!vault) return;
  const { site: siteName, server: serverName, account: accountName } = request.source;
  if (!site) {
    refuse(
      notes,
      'SiteUnknown',
      `The vault ${vault.name} has no VMware site "${siteName}". Its VMware sites are: ` +
        `${formatList(sitesOfScenario(vault, Scenario.vmwareToAzure).map(({ name }) => name))}. The registration ` +
        'of a replication appliance makes a site: set the appliance up with the key of the vault.',
    );
    return;
  }
  if (serverName !== undefined && !server)
    refuse(
      notes,
      'ServerUnknown',
      `The site ${site.name} has no appliance or process server "${serverName}". It has: ` +
        `${formatList(site.hosts.map(({ name }) => name))}.`,
    );
  checkVCenter(scope, site, notes);
  if (accountName !== undefined && !account)
    refuse(
      notes,
      'AccountUnknown',
      `The site ${site.name} has no account "${accountName}". Its accounts are: ` +
        `${formatList((site.accounts ?? []).map(({ name }) => name))}. Add the account to the appliance or the ` +
        'configuration server, or name another.',
    );
}

/** The account that reads the requested vCenter, of a configuration server. */
export const vCenterAccountOf = ({ request, site }: VmwareScope): RunAsAccount | undefined =>
  site?.accounts?.find(({ name }) => sameId(name, request.source.vCenter?.account ?? ''));

function checkVCenter(scope: VmwareScope, site: SiteFacts, notes: Notes): void {
  const { vCenter } = scope.request.source;
  if (!vCenter) return;
  if (!site.isRetiring)
    refuse(
      notes,
      'VCenterOfAppliance',
      `The site ${site.name} has replication appliances. Add the vCenter ${vCenter.name} in the setup of an ` +
        'appliance, and leave "vCenter" out.',
    );
  else if (!vCenterAccountOf(scope))
    refuse(
      notes,
      'AccountUnknown',
      `The site ${site.name} has no account "${vCenter.account}" that could read the vCenter. Its accounts are: ` +
        `${formatList((site.accounts ?? []).map(({ name }) => name))}.`,
    );
}

/** The machines with this name, or with this id of their own or of their item. */
export const machinesNamed = (machines: readonly SiteMachine[], nameOrId: string): readonly SiteMachine[] => {
  const byId = machines.filter(
    ({ id, itemId }) => sameId(id, nameOrId) || (itemId !== null && sameId(itemId, nameOrId)),
  );
  return byId.length > 0 ? byId : machines.filter(({ name }) => sameId(name, nameOrId));
};
