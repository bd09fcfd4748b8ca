// Enabling of VMs of a Hyper-V site, as the interface of a driver asks for it.
import { subscriptionOf } from '../../../core/armId.ts';
import { LOCATION_PROBLEM_CODES, type EnablingSupport } from '../../enabling/support.ts';
import { evaluateOnPremisesUpdate } from '../../enabling/onPremises/update.ts';
import { refusalsOfMachine } from './draft.ts';
import { previewSiteEnabling } from './preview.ts';
import { readSites } from './readSites.ts';
import { SiteEnableFields, SitePrepareFields, type SitePrepareRequest } from './request.ts';
import { resolveSiteScope } from './scope.ts';

const LOCATION_CODES: ReadonlySet<string> = new Set(LOCATION_PROBLEM_CODES);
const GOAL = { protect: 'hyperVVm', to: 'azure' } as const;

export const enabling: EnablingSupport<SitePrepareRequest> = {
  enableFields: SiteEnableFields,
  prepareFields: SitePrepareFields,
  checkRequest: () => [],
  vaultIdOf: ({ vault }) => vault.id,
  targetOf: (facts, request) => resolveSiteScope(facts, request).scope.target,
  locationRefusalsOf: (facts, request) =>
    resolveSiteScope(facts, request).notes.refusals.filter(({ code }) => LOCATION_CODES.has(code)),
  preview: previewSiteEnabling,
  // Security groups have no effect on hosts on premises.
  ruleFixesFor: () => [],
  azureSources: null,
  evaluateUpdate: (facts, current, request) =>
    evaluateOnPremisesUpdate(facts, current, request, {
      fields: ['testNetworkId', 'availability', 'zone', 'diskTypes'],
      machines: 'a VM of a Hyper-V site',
    }),
  sites: { read: readSites, refusalsOf: refusalsOfMachine },
  siteOf: (facts, request) => resolveSiteScope(facts, request).scope.site,
  neededFacts: ({ vault, target }) => ({
    sourceSubscriptions: [],
    targetSubscription: target.subscription ?? subscriptionOf(vault.id),
    sourceRegion: null,
    includesClassic: false,
    isWanted: () => false,
    isListed: () => false,
  }),
  requestOfReplicated: ({ vaultArmId, to, sourceVmIds }) =>
    SitePrepareFields.parse({
      goal: GOAL,
      vault: { id: vaultArmId },
      source: { site: siteNameOf(sourceVmIds) },
      target: { region: to.region, ...(to.subscription === '' ? {} : { subscription: to.subscription }) },
      vms: sourceVmIds,
    }),
  // Site Recovery takes the size only after the protection of the item.
  needsUpdate: ({ size }) => size !== null,
};

/** The fabric of the machines; a request finds the site by this name too. */
const siteNameOf = ([first = '']: readonly string[]): string =>
  /\/replicationFabrics\/([^/]+)/i.exec(first)?.[1] ?? 'none';
