using System.Security.Claims;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;

namespace PayRecharge.WebApi.Admin;

/// <summary>Lets in who sends <c>Authorization: Bearer</c> and the admin key.</summary>
internal sealed class AdminKeyAuthentication(
    IOptionsMonitor<AdminKeyOptions> options, ILoggerFactory logger, UrlEncoder encoder)
    : AuthenticationHandler<AdminKeyOptions>(options, logger, encoder)
{
    public const string SchemeName = "AdminKey";

    protected override Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        const string prefix = "Bearer ";
        var header = Request.Headers.Authorization.ToString();
        if (!header.StartsWith(prefix, StringComparison.OrdinalIgnoreCase)) return Task.FromResult(AuthenticateResult.NoResult());
        if (!Options.IsKey(header[prefix.Length..].Trim())) return Task.FromResult(AuthenticateResult.Fail("The admin key is wrong."));
        var admin = new ClaimsPrincipal(new ClaimsIdentity([new Claim(ClaimTypes.Name, "admin")], SchemeName));
        return Task.FromResult(AuthenticateResult.Success(new AuthenticationTicket(admin, SchemeName)));
    }

    protected override Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        Response.Headers.WWWAuthenticate = "Bearer";
        return Results.Problem(statusCode: StatusCodes.Status401Unauthorized, title: "The admin key is missing or wrong.").ExecuteAsync(Context);
    }
}

/// <summary>How a key is known to be the admin's.</summary>
internal sealed class AdminKeyOptions : AuthenticationSchemeOptions
{
    public Func<string, bool> IsKey { get; set; } = _ => false;
}
