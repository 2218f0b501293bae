using Microsoft.AspNetCore.Authorization;

namespace Phr.Samples.Portal;

/// <summary>The account is one that the cloud server's operator has admitted, at this moment: blocking works at once.</summary>
internal sealed class AdmittedRequirement : IAuthorizationRequirement;

/// <summary>Looks the account up.</summary>
internal sealed class AdmittedHandler(CurrentPerson person) : AuthorizationHandler<AdmittedRequirement>
{
    protected override async Task HandleRequirementAsync(AuthorizationHandlerContext context, AdmittedRequirement requirement)
    {
        if (await person.FindAsync(context.User) is { Admission: Admission.Admitted })
        {
            context.Succeed(requirement);
        }
    }
}
