using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;

namespace PayRecharge.WebApi.Admin;

/// <summary>What all of the admin API shares: the key, problems as errors, and that nothing of it is cached.</summary>
[ApiController]
[Authorize]
[ResponseCache(NoStore = true, Location = ResponseCacheLocation.None)]
[ProducesResponseType<ProblemDetails>(StatusCodes.Status401Unauthorized, "application/problem+json")]
public abstract class AdminController : ControllerBase;
