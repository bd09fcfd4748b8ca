// The sign-in of Lifeboat in Entra ID: the app registration, its roles, and who has which role.
// A deployment of its own, because the Graph extension comes from a container registry. All other files compile without it.
extension microsoftGraphV1

@description('The same short name as in main.bicep.')
@minLength(3)
@maxLength(12)
param name string = 'lifeboat'

@description('Object ids of the owners of the app registration. Whoever makes or tests an action group with its webhook must be one.')
@minLength(1)
param owners string[]

@description('Who has which role: object ids of users, groups and service principals, and a role such as Operator.')
param roleAssignments { principalId: string, role: string }[] = []

@description('Whether action groups of Azure Monitor may call the alert webhook.')
param alertsFromAzureMonitor bool = true

var agreement = loadJsonContent('agreement.json')
var uniqueName = '${toLower(name)}-${take(uniqueString(resourceGroup().id, toLower(name)), 6)}'
var identifierUri = 'api://${tenant().tenantId}/${uniqueName}'
var scopeId = guid(name, 'access_as_user')
var azureCli = '04b07795-8ddb-461a-bbee-02f9e1bf7b46'

// The API that callers get tokens for.
resource api 'Microsoft.Graph/applications@v1.0' = {
  uniqueName: uniqueName
  displayName: 'Lifeboat (${name})'
  signInAudience: 'AzureADMyOrg'
  identifierUris: [identifierUri]
  owners: { relationships: owners }
  api: {
    requestedAccessTokenVersion: 2
    oauth2PermissionScopes: [{
      id: scopeId
      value: 'access_as_user'
      type: 'User'
      isEnabled: true
      adminConsentDisplayName: 'Call Lifeboat'
      adminConsentDescription: 'Call Lifeboat in the name of the person who is signed in.'
      userConsentDisplayName: 'Call Lifeboat'
      userConsentDescription: 'Call Lifeboat in your name.'
    }]
    // A person gets a token with `az account get-access-token`, and nobody is asked for consent.
    preAuthorizedApplications: [{ appId: azureCli, delegatedPermissionIds: [scopeId] }]
  }
  appRoles: [for role in agreement.appRoles: {
    id: guid(name, role)
    value: role
    displayName: role
    description: 'Lifeboat ${role}'
    allowedMemberTypes: ['User', 'Application']
    isEnabled: true
  }]
}

resource apiPrincipal 'Microsoft.Graph/servicePrincipals@v1.0' = {
  appId: api.appId
  // Who has none of the roles gets no token at all.
  appRoleAssignmentRequired: true
}

resource assignments 'Microsoft.Graph/appRoleAssignedTo@v1.0' = [for assignment in roleAssignments: {
  // A misspelled role ends the deployment with this message.
  appRoleId: contains(agreement.appRoles, assignment.role)
    ? guid(name, assignment.role)
    : fail('Lifeboat has no role "${assignment.role}". Its roles are ${join(agreement.appRoles, ', ')}')
  principalId: assignment.principalId
  resourceId: apiPrincipal.id
}]

// By which Azure Monitor calls secure webhooks. A tenant that never used one does not have it: it is made then.
resource azureMonitor 'Microsoft.Graph/servicePrincipals@v1.0' = if (alertsFromAzureMonitor) {
  appId: agreement.azureMonitor.appId
}

// So that an action group may tell of alerts, and nothing else.
resource alertsOfAzureMonitor 'Microsoft.Graph/appRoleAssignedTo@v1.0' = if (alertsFromAzureMonitor) {
  appRoleId: guid(name, agreement.azureMonitor.role)
  principalId: azureMonitor!.id
  resourceId: apiPrincipal.id
}

output clientId string = api.appId
output applicationObjectId string = api.id
output servicePrincipalId string = apiPrincipal.id
output identifierUri string = identifierUri
