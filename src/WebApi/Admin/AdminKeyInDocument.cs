using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace PayRecharge.WebApi.Admin;

/// <summary>Declares in the API description that each call needs the admin key.</summary>
internal sealed class AdminKeyInDocument : IOpenApiDocumentTransformer
{
    public Task TransformAsync(OpenApiDocument document, OpenApiDocumentTransformerContext context, CancellationToken cancellationToken)
    {
        document.Info.Title = "PayRecharge admin API";
        document.Info.Version = typeof(AdminKeyInDocument).Assembly.GetName().Version!.ToString(3);
        // All callers share the document, and admins type their key into the page that reads it: it must not contain a caller's Host.
        document.Servers = [];
        document.Components ??= new();
        document.Components.SecuritySchemes ??= new Dictionary<string, IOpenApiSecurityScheme>();
        document.Components.SecuritySchemes[AdminKeyAuthentication.SchemeName] = new OpenApiSecurityScheme { Type = SecuritySchemeType.Http, Scheme = "bearer" };
        document.Security = [new() { [new OpenApiSecuritySchemeReference(AdminKeyAuthentication.SchemeName, document)] = [] }];
        return Task.CompletedTask;
    }
}
