// The principals of the simulator: one tenant, the app Lifeboat with its roles, services and
// people.

/** The tenant of all principals. */
export const TENANT_ID = '7d1c8a52-3f0e-4b7a-9c46-1e5b0a6f2d10';
/** The client id of the app Lifeboat. It is the audience of tokens for the app's REST API. */
export const APP_AUDIENCE = '2b9e6f41-8c57-4d3a-b1f0-6a7d5c3e9084';

/** The audiences of tokens for Azure Resource Manager. */
export const ARM_AUDIENCES = ['https://management.azure.com', 'https://management.core.windows.net'];
export const COSMOS_AUDIENCE = 'https://cosmos.azure.com';
export const SERVICE_BUS_AUDIENCE = 'https://servicebus.azure.net';

/** A right on the queues and topics of a Service Bus namespace. */
export type ServiceBusRight = 'Send' | 'Listen';

export interface Principal {
  readonly name: string;
  /** Only for a person. People sign in with a shared client that has no secret. */
  readonly person?: { readonly displayName: string; readonly username: string };
  readonly clientId: string;
  readonly objectId: string;
  /** The app roles of the principal in Lifeboat. */
  readonly roles: readonly string[];
  /** Whether the principal has rights in the vaults' subscription. */
  readonly hasArmAccess: boolean;
  /** Whether the principal has rights on the Cosmos account. */
  readonly hasCosmosAccess: boolean;
  readonly serviceBusRights: readonly ServiceBusRight[];
}

/** The name of Lifeboat's own principal. */
export const APP_NAME = 'lifeboat';

/** The client that people sign in with. */
const SHARED_CLIENT_ID = '6a1f4d82-0b93-4c57-9e2a-8f3b5d7c10e6';

/** All principals of the simulator. */
export const PRINCIPALS: readonly Principal[] = [
  // Lifeboat's managed identity, with the roles that Bicep gives it.
  {
    name: APP_NAME,
    clientId: '0c4a7e93-52d8-4f16-a3b9-8e1d6f70c5a1',
    objectId: 'f3a8d2c6-91b4-4e70-8d5f-2c6b9a0e7141',
    roles: [],
    hasArmAccess: true,
    hasCosmosAccess: true,
    serviceBusRights: ['Send', 'Listen'],
  },
  // A ticketing system with its own command queue.
  {
    name: 'ticketing',
    clientId: 'a5d7c1e9-2f40-4b83-9c6e-17f0b8d3e426',
    objectId: '5e9b2c74-86d1-4f3a-b0e8-c2a1d7f69483',
    roles: ['Operator'],
    hasArmAccess: false,
    hasCosmosAccess: false,
    serviceBusRights: ['Send'],
  },
  {
    name: 'operator',
    clientId: '1e7b5d08-6c3f-4a92-b84d-0f9a2e6c71b2',
    objectId: 'a94c0e7d-25f1-4b86-9e3a-7d1f8c5b6042',
    roles: ['Operator'],
    hasArmAccess: false,
    hasCosmosAccess: false,
    serviceBusRights: [],
  },
  {
    name: 'owner',
    clientId: '6b1f3c57-bd82-4a49-87f5-8e2d9a3b04f6',
    objectId: 'f94b1e6c-7da3-4a5c-89fb-23bac5d4a846',
    roles: ['Owner'],
    hasArmAccess: false,
    hasCosmosAccess: false,
    serviceBusRights: [],
  },
  {
    name: 'contributor',
    clientId: '7c2a4d68-ce93-4b5a-98a6-9f3e0b4c15a7',
    objectId: 'a05c2f7d-8eb4-4b6d-9a0c-34cbd6e5b947',
    roles: ['Contributor'],
    hasArmAccess: false,
    hasCosmosAccess: false,
    serviceBusRights: [],
  },
  {
    name: 'reader',
    clientId: '3a6d9f12-7e48-4c05-8b1a-5d2c0e8f94c3',
    objectId: 'c15e8b3f-4a70-4d29-b6c8-90e7f2a1d543',
    roles: ['Reader'],
    hasArmAccess: false,
    hasCosmosAccess: false,
    serviceBusRights: [],
  },
  {
    name: 'approver',
    clientId: '8d3b5e79-dfa4-4c6b-a9b7-af4f1c5d26b8',
    objectId: 'b16d3a8e-9fc5-4c7e-ab1d-45dce7f6ca58',
    roles: ['Approver'],
    hasArmAccess: false,
    hasCosmosAccess: false,
    serviceBusRights: [],
  },
  {
    name: 'alerts',
    clientId: '9e4c6f8a-e0b5-4d7c-bac8-b0502d6e37c9',
    objectId: 'c27e4b9f-a0d6-4d8f-bc2e-56edf8a7db69',
    roles: ['Alerts'],
    hasArmAccess: false,
    hasCosmosAccess: false,
    serviceBusRights: [],
  },
  {
    name: 'ada',
    person: { displayName: 'Ada Operator', username: 'ada@simulator.example' },
    clientId: SHARED_CLIENT_ID,
    objectId: '91b4e6d0-3c72-4f85-a0d9-5e8f1b6c2a47',
    roles: ['Operator'],
    hasArmAccess: false,
    hasCosmosAccess: false,
    serviceBusRights: [],
  },
  {
    name: 'ben',
    person: { displayName: 'Ben Reader', username: 'ben@simulator.example' },
    clientId: SHARED_CLIENT_ID,
    objectId: 'a2c5f7e1-4d83-4096-b1ea-6f902c7d3b58',
    roles: ['Reader'],
    hasArmAccess: false,
    hasCosmosAccess: false,
    serviceBusRights: [],
  },
  {
    name: 'cleo',
    person: { displayName: 'Cleo Both', username: 'cleo@simulator.example' },
    clientId: SHARED_CLIENT_ID,
    objectId: 'b3d608f2-5e94-41a7-820b-70a13d8e4c69',
    roles: ['Operator', 'Approver'],
    hasArmAccess: false,
    hasCosmosAccess: false,
    serviceBusRights: [],
  },
  {
    name: 'dora',
    person: { displayName: 'Dora Approver', username: 'dora@simulator.example' },
    clientId: SHARED_CLIENT_ID,
    objectId: 'c4e719a3-60a5-42b8-931c-81b24e9f5d70',
    roles: ['Approver'],
    hasArmAccess: false,
    hasCosmosAccess: false,
    serviceBusRights: [],
  },
  // A colleague with work in the portal on the same VMs.
  {
    name: 'colleague',
    clientId: '4f8c1a35-9b60-4e27-a5d3-6c0b7e1f82d4',
    objectId: 'd72f9c4a-5b81-4e3a-87d9-01f8a3b2e644',
    roles: [],
    hasArmAccess: true,
    hasCosmosAccess: false,
    serviceBusRights: [],
  },
  // A principal of the tenant without any rights.
  {
    name: 'stranger',
    clientId: '5d0e2b46-ac71-4f38-b6e4-7d1c8f2a93e5',
    objectId: 'e83a0d5b-6c92-4f4b-98ea-12a9b4c3f745',
    roles: [],
    hasArmAccess: false,
    hasCosmosAccess: false,
    serviceBusRights: [],
  },
];

/** The principals that get tokens for themselves, by a secret or as a managed identity. */
export const SERVICE_PRINCIPALS = PRINCIPALS.filter(({ person }) => person === undefined);

/** Finds a principal by its name. */
export const findPrincipal = (name: string): Principal | undefined =>
  PRINCIPALS.find((principal) => principal.name === name);
