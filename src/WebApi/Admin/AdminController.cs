using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http.Timeouts;
using Microsoft.AspNetCore.Mvc;

namespace PayRecharge.WebApi.Admin;

/// <summary>The base of the admin API: requires the key, returns errors as problems and forbids caching.</summary>
[ApiController]
[Authorize(AuthenticationSchemes = AdminKeyAuthentication.SchemeName)]
[KnownQuery]
[RequestTimeout(Timeout)]
[ResponseCache(NoStore = true, Location = ResponseCacheLocation.None)]
[ProducesResponseType<ProblemDetails>(StatusCodes.Status401Unauthorized, "application/problem+json")]
[ProducesResponseType<ProblemDetails>(StatusCodes.Status429TooManyRequests, "application/problem+json")]
public abstract class AdminController : ControllerBase
{
    /// <summary>The time limit of every call: 30 seconds.</summary>
    internal const string Timeout = "admin";

    /// <summary>The time limit of an audit, which reads the whole database: <c>Admin:AuditSeconds</c> (600).</summary>
    internal const string AuditTimeout = "audit";

    /// <summary>Adds both limits.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A limit is not above 0.</exception>
    internal static void AddTimeouts(RequestTimeoutOptions options, IConfiguration configuration) => options
        .AddPolicy(Timeout, TimeSpan.FromSeconds(30))
        .AddPolicy(AuditTimeout, TimeSpan.FromSeconds(configuration.GetValue("Admin:AuditSeconds", 600)));
}
