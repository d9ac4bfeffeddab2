using System.Globalization;
using System.Security.Claims;
using System.Text;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;
using PayRecharge.Application;
using PayRecharge.WebApi.Http;

namespace PayRecharge.WebApi.Admin;

/// <summary>
/// Accepts the admin key in <c>Authorization: Bearer</c>, unless the address is locked out. The API pages also accept the key as a
/// password, since a browser can send it that way. The API itself does not: a browser adds a password to any call that another site
/// triggers.
/// </summary>
internal sealed class AdminKeyAuthentication(
    IOptionsMonitor<AdminKeyOptions> options, ILoggerFactory logger, UrlEncoder encoder, AdminLockout lockout)
    : AuthenticationHandler<AdminKeyOptions>(options, logger, encoder)
{
    public const string SchemeName = "AdminKey";

    /// <summary>The scheme and the policy of the API pages.</summary>
    public const string PagesSchemeName = "AdminKeyForPages";

    private const string Admin = "admin";

    private TimeSpan? _lockedOutFor;

    protected override Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        if (SentKey() is not { } key) return Task.FromResult(AuthenticateResult.NoResult());
        var caller = Callers.AddressOf(Context);
        var (isRight, wasCompared, wait) = lockout.Try(caller, () => Options.IsKey(key));
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
        Context.RequestServices.GetRequiredService<CurrentChange>().ActAs(Admin, caller.ToString());
        var admin = new ClaimsPrincipal(new ClaimsIdentity([new Claim(ClaimTypes.Name, Admin)], SchemeName));
        return Task.FromResult(AuthenticateResult.Success(new AuthenticationTicket(admin, SchemeName)));
    }

    private string? SentKey()
    {
        const string bearer = "Bearer ", basic = "Basic ";
        var header = Request.Headers.Authorization.ToString();
        if (header.StartsWith(bearer, StringComparison.OrdinalIgnoreCase)) return header[bearer.Length..].Trim();
        if (!Options.TakesPassword || !header.StartsWith(basic, StringComparison.OrdinalIgnoreCase)) return null;
        var sent = header[basic.Length..].Trim();
        var bytes = new byte[sent.Length];
        if (!Convert.TryFromBase64String(sent, bytes, out var length)) return null;
        var pair = Encoding.UTF8.GetString(bytes, 0, length);
        return pair[(pair.IndexOf(':', StringComparison.Ordinal) + 1)..];
    }

    protected override Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        if (_lockedOutFor is { } wait)
        {
            Response.Headers.RetryAfter = Math.Max(1, (long)Math.Ceiling(wait.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
            return Results.Problem(statusCode: StatusCodes.Status429TooManyRequests, title: "Too many wrong admin keys came from this address.").ExecuteAsync(Context);
        }
        Response.Headers.WWWAuthenticate = Options.TakesPassword ? "Basic realm=\"PayRecharge admin key\"" : "Bearer";
        return Results.Problem(statusCode: StatusCodes.Status401Unauthorized, title: "The admin key is missing or wrong.").ExecuteAsync(Context);
    }
}

/// <summary>The options of both schemes.</summary>
internal sealed class AdminKeyOptions : AuthenticationSchemeOptions
{
    public Func<string, bool> IsKey { get; set; } = _ => false;

    /// <summary>Whether the key is also accepted as the password of HTTP Basic authentication.</summary>
    public bool TakesPassword { get; set; }
}
