using System.Globalization;
using System.Security.Claims;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;
using PayRecharge.WebApi.Http;

namespace PayRecharge.WebApi.Admin;

/// <summary>Lets in who sends <c>Authorization: Bearer</c> and the admin key, unless the address is locked out.</summary>
internal sealed class AdminKeyAuthentication(
    IOptionsMonitor<AdminKeyOptions> options, ILoggerFactory logger, UrlEncoder encoder, AdminLockout lockout)
    : AuthenticationHandler<AdminKeyOptions>(options, logger, encoder)
{
    public const string SchemeName = "AdminKey";

    private TimeSpan? _lockedOutFor;

    protected override Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        const string prefix = "Bearer ";
        var header = Request.Headers.Authorization.ToString();
        if (!header.StartsWith(prefix, StringComparison.OrdinalIgnoreCase)) return Task.FromResult(AuthenticateResult.NoResult());
        var caller = Callers.AddressOf(Context);
        var (isRight, wasCompared, wait) = lockout.Try(caller, () => Options.IsKey(header[prefix.Length..].Trim()));
        if (!wasCompared)
        {
            _lockedOutFor = wait;
            return Task.FromResult(AuthenticateResult.Fail("The address is locked out."));
        }
        if (!isRight)
        {
            Logger.LogWarning("A wrong admin key came from {Address}; it is locked out for {Seconds} s", caller, (long)wait.TotalSeconds);
            return Task.FromResult(AuthenticateResult.Fail("The admin key is wrong."));
        }
        var admin = new ClaimsPrincipal(new ClaimsIdentity([new Claim(ClaimTypes.Name, "admin")], SchemeName));
        return Task.FromResult(AuthenticateResult.Success(new AuthenticationTicket(admin, SchemeName)));
    }

    protected override Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        if (_lockedOutFor is { } wait)
        {
            Response.Headers.RetryAfter = Math.Max(1, (long)Math.Ceiling(wait.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
            return Results.Problem(statusCode: StatusCodes.Status429TooManyRequests, title: "Too many wrong admin keys came from this address.").ExecuteAsync(Context);
        }
        Response.Headers.WWWAuthenticate = "Bearer";
        return Results.Problem(statusCode: StatusCodes.Status401Unauthorized, title: "The admin key is missing or wrong.").ExecuteAsync(Context);
    }
}

/// <summary>How a key is known to be the admin's.</summary>
internal sealed class AdminKeyOptions : AuthenticationSchemeOptions
{
    public Func<string, bool> IsKey { get; set; } = _ => false;
}
