using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;
using PayRecharge.WebApi.Http;
using Scalar.AspNetCore;

namespace PayRecharge.WebApi.Admin;

/// <summary>
/// Serves the description of the admin API, <c>/openapi/v1.json</c>, and the page that shows it, <c>/docs</c>. Neither is generated per
/// call. In live mode both need the admin key, unless <c>Admin:PublicDocs</c> is true.
/// </summary>
internal static class ApiPages
{
    private const string DocumentName = "v1";

    public static void AddApiPages(this IServiceCollection services)
    {
        services.AddOpenApi(DocumentName, options => options.AddDocumentTransformer<AdminKeyInDocument>());
        services.AddSingleton<Description>();
        // The description contains no secret, so its compressed length leaks nothing.
        services.AddResponseCompression(options => options.EnableForHttps = true);
        services.AddAuthorizationBuilder().AddPolicy(AdminKeyAuthentication.PagesSchemeName,
            policy => policy.AddAuthenticationSchemes(AdminKeyAuthentication.PagesSchemeName).RequireAuthenticatedUser());
    }

    public static void MapApiPages(this WebApplication app, bool isSandbox)
    {
        app.UseWhen(context => context.Request.Path.StartsWithSegments("/openapi"), description => description.UseResponseCompression());
        // The page's script is stored as gzip, which every browser reads. Decompressing it for each call would yield 4.9 MB.
        app.UseWhen(context => context.Request.Path.StartsWithSegments("/docs"), page => page.Use((context, next) =>
        {
            context.Request.Headers.AcceptEncoding = "gzip";
            return next(context);
        }));
        var pages = app.MapGroup("").WithMetadata(new ForAdmins());
        if (!isSandbox && !app.Configuration.GetValue("Admin:PublicDocs", false))
        {
            pages.RequireAuthorization(AdminKeyAuthentication.PagesSchemeName);
            // The page's script allows anonymous access by default.
            ((IEndpointConventionBuilder)pages).Finally(page =>
            {
                foreach (var leave in page.Metadata.OfType<IAllowAnonymous>().ToList()) page.Metadata.Remove(leave);
            });
        }
        pages.MapGet($"/openapi/{DocumentName}.json", async (Description description) => Results.Bytes(await description.Json, "application/json")).ExcludeFromDescription();
        pages.MapScalarApiReference("/docs", options => options.WithTitle("PayRecharge")
            // Admins type their key here, so the page must not call other hosts.
            .DisableDefaultFonts().DisableAgent().DisableMcp().DisableTelemetry().HideDeveloperTools().HideClientButton());
    }

    /// <summary>The description, generated at the first request.</summary>
    private sealed class Description([FromKeyedServices(DocumentName)] IOpenApiDocumentProvider documents)
    {
        private readonly Lazy<Task<byte[]>> _json = new(async () =>
        {
            var document = await documents.GetOpenApiDocumentAsync();
            using var json = new MemoryStream();
            await document.SerializeAsJsonAsync(json, OpenApiSpecVersion.OpenApi3_1);
            return json.ToArray();
        });

        public Task<byte[]> Json => _json.Value;
    }
}
