// Types of Microsoft Graph for the Bicep compiler, as far as entra.bicep uses them. The real types
// come from a container registry. Names and flags follow Microsoft's types for v1.0, version 1.0.0.

type Kind = 'string' | 'bool' | 'int' | readonly [Kind] | Shape;
/** A mark after a name changes the property: `!` required, `#` key, `-` read-only. */
interface Shape {
  readonly [property: string]: Kind;
}

const FLAGS: Readonly<Record<string, number>> = { '': 0, '!': 1, '-': 2, '#': 17 };

const scope: Shape = {
  id: 'string',
  value: 'string',
  type: 'string',
  isEnabled: 'bool',
  adminConsentDisplayName: 'string',
  adminConsentDescription: 'string',
  userConsentDisplayName: 'string',
  userConsentDescription: 'string',
};
const appRole: Shape = {
  id: 'string',
  value: 'string',
  displayName: 'string',
  description: 'string',
  allowedMemberTypes: ['string'],
  isEnabled: 'bool',
};

const RESOURCES: Readonly<Record<string, Shape>> = {
  applications: {
    'uniqueName#': 'string',
    'displayName!': 'string',
    'id-': 'string',
    'appId-': 'string',
    signInAudience: 'string',
    identifierUris: ['string'],
    appRoles: [appRole],
    owners: { 'relationships!': ['string'] },
    api: {
      requestedAccessTokenVersion: 'int',
      oauth2PermissionScopes: [scope],
      preAuthorizedApplications: [{ appId: 'string', delegatedPermissionIds: ['string'] }],
    },
  },
  servicePrincipals: { 'appId#': 'string', 'id-': 'string', appRoleAssignmentRequired: 'bool' },
  appRoleAssignedTo: {
    'appRoleId!': 'string',
    'principalId!': 'string',
    'resourceId!': 'string',
    'id-': 'string',
  },
};

const SIMPLE = { string: 'StringType', bool: 'BooleanType', int: 'IntegerType' } as const;
const isArray = (kind: Kind): kind is readonly [Kind] => Array.isArray(kind);

/** The input files for `bicep publish-extension`. */
export function buildGraphTypes(): { readonly index: unknown; readonly types: unknown } {
  const types: unknown[] = [];
  const add = (type: unknown) => ({ $ref: `#/${types.push(type) - 1}` });
  const shape = (name: string, properties: Shape) =>
    add({
      $type: 'ObjectType',
      name,
      properties: Object.fromEntries(
        Object.entries(properties).map(([key, kind]) => {
          const [property = '', mark = ''] = key.split(/(?=[!#-])/);
          return [property, { type: of(kind, property), flags: FLAGS[mark] }];
        }),
      ),
    });
  const of = (kind: Kind, name: string): { $ref: string } => {
    if (typeof kind === 'string') return add({ $type: SIMPLE[kind] });
    return isArray(kind) ? add({ $type: 'ArrayType', itemType: of(kind[0], name) }) : shape(name, kind);
  };
  const resources = Object.fromEntries(
    Object.entries(RESOURCES).map(([name, properties]) => {
      const type = `Microsoft.Graph/${name}@v1.0`;
      const { $ref } = add({
        $type: 'ResourceType',
        name: type,
        scopeType: 0,
        body: shape(`Microsoft.Graph/${name}`, properties),
        flags: 0,
      });
      return [type, { $ref: `types.json${$ref}` }];
    }),
  );
  return {
    index: {
      resources,
      resourceFunctions: {},
      settings: { name: 'MicrosoftGraph', version: '1.0.0', isSingleton: false },
    },
    types,
  };
}
