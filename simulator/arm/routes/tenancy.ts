// The routes of tenants, subscriptions, their regions and the providers' offers.

import type { SimulatorResponse } from '../../wire/exchange.ts';
import { armError, ok } from '../responses.ts';
import { regionsOffering } from '../capacity.ts';
import { subscriptionId } from '../ids.ts';
import { get, post, SUBSCRIPTION, type ArmRequest, type ArmRoute } from '../request.ts';
import { RESOURCE_TYPES } from '../resource-types.ts';
import type { Region } from '../world.ts';
import type { Resource } from '../resource.ts';

const tenantBody = (tenant: Resource) => ({
  id: tenant.id,
  tenantId: tenant.name,
  countryCode: 'HK',
  tenantType: 'AAD',
  tenantCategory: 'Home',
});

const subscriptionBody = ({ id, properties }: Resource) => ({
  id,
  authorizationSource: 'RoleBased',
  managedByTenants: [],
  subscriptionId: properties['subscriptionId'],
  tenantId: properties['tenantId'],
  displayName: properties['displayName'],
  state: properties['state'],
  subscriptionPolicies: {
    locationPlacementId: 'Public_2014-09-01',
    quotaId: 'EnterpriseAgreement_2014-09-01',
    spendingLimit: 'Off',
  },
});

const locationBody = (subscription: string, { name, displayName, pairedWith, zones }: Region) => ({
  id: `${subscriptionId(subscription)}/locations/${name}`,
  name,
  type: 'Region',
  displayName,
  regionalDisplayName: displayName,
  metadata: {
    regionType: 'Physical',
    regionCategory: 'Recommended',
    ...(pairedWith !== undefined && {
      pairedRegion: [{ name: pairedWith, id: `${subscriptionId(subscription)}/locations/${pairedWith}` }],
    }),
  },
  ...(zones.length > 0 && {
    availabilityZoneMappings: zones.map((zone) => ({ logicalZone: zone, physicalZone: `${name}-az${zone}` })),
  }),
});

/** The resource types with zones. */
const ZONAL_TYPES: ReadonlySet<string> = new Set([
  RESOURCE_TYPES.virtualMachine,
  RESOURCE_TYPES.disk,
  RESOURCE_TYPES.publicAddress,
  RESOURCE_TYPES.proximityPlacementGroup,
]);
const NAMESPACES = [...new Set(Object.values(RESOURCE_TYPES).map((type) => type.split('/')[0] ?? ''))];

function providerBody({ world }: ArmRequest, subscription: string, namespace: string) {
  const types = Object.values(RESOURCE_TYPES).filter((type) => type.startsWith(`${namespace}/`));
  const regions = world.regions();
  return {
    id: `${subscriptionId(subscription)}/providers/${namespace}`,
    namespace,
    resourceTypes: types.map((type) => ({
      resourceType: type.slice(namespace.length + 1),
      locations: regionsOffering(world, type).map((region) => region.displayName),
      ...(ZONAL_TYPES.has(type) && {
        zoneMappings: regions
          .filter(({ zones }) => zones.length > 0)
          .map(({ displayName, zones }) => ({ location: displayName, zones })),
      }),
      apiVersions: [],
      capabilities: 'SupportsTags, SupportsLocation',
    })),
    registrationState: 'Registered',
    registrationPolicy: 'RegistrationRequired',
  };
}

function provider(request: ArmRequest, subscription = '', wantedNamespace = ''): SimulatorResponse {
  const namespace = NAMESPACES.find((known) => known.toLowerCase() === wantedNamespace.toLowerCase());
  return namespace === undefined
    ? armError(404, 'InvalidResourceNamespace', `The resource namespace '${wantedNamespace}' is invalid.`)
    : ok(providerBody(request, subscription, namespace));
}

export const tenancyRoutes: readonly ArmRoute[] = [
  get('/tenants', ({ world, tenant }) =>
    ok({
      value: world
        .list({ type: RESOURCE_TYPES.tenant })
        .filter(({ name }) => name === tenant)
        .map(tenantBody),
    }),
  ),
  get('/subscriptions', ({ world, tenant }) =>
    ok({
      value: world
        .list({ type: RESOURCE_TYPES.subscription })
        .filter(({ properties }) => properties['tenantId'] === tenant)
        .map(subscriptionBody),
    }),
  ),
  get(SUBSCRIPTION, ({ world }, { subscription = '' }) => {
    const found = world.get(subscriptionId(subscription));
    return found && ok(subscriptionBody(found));
  }),
  get(`${SUBSCRIPTION}/locations`, ({ world }, { subscription = '' }) =>
    ok({ value: world.regions().map((region) => locationBody(subscription, region)) }),
  ),
  get(`${SUBSCRIPTION}/providers`, (request, { subscription = '' }) =>
    ok({ value: NAMESPACES.map((namespace) => providerBody(request, subscription, namespace)) }),
  ),
  get(`${SUBSCRIPTION}/providers/{namespace}`, (request, { subscription, namespace }) =>
    provider(request, subscription, namespace),
  ),
  post(`${SUBSCRIPTION}/providers/{namespace}/register`, (request, { subscription, namespace }) =>
    provider(request, subscription, namespace),
  ),
];
