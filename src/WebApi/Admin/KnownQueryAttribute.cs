using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.Filters;
using Microsoft.AspNetCore.Mvc.ModelBinding;

namespace PayRecharge.WebApi.Admin;

/// <summary>
/// Refuses unknown, empty and repeated query parameters: an ignored filter would return rows that the caller did not ask for.
/// </summary>
[AttributeUsage(AttributeTargets.Class)]
internal sealed class KnownQueryAttribute : Attribute, IResourceFilter
{
    public void OnResourceExecuting(ResourceExecutingContext context)
    {
        var types = context.HttpContext.RequestServices.GetRequiredService<IModelMetadataProvider>();
        var known = context.ActionDescriptor.Parameters.Where(p => p.BindingInfo?.BindingSource == BindingSource.Query)
            .SelectMany(p => types.GetMetadataForType(p.ParameterType) is { IsComplexType: true } filter ? filter.Properties.Select(x => x.Name!) : [p.Name])
            .ToHashSet(StringComparer.OrdinalIgnoreCase);
        var wrong = context.HttpContext.Request.Query.Where(q => !known.Contains(q.Key) || q.Value.Count > 1 || string.IsNullOrEmpty(q.Value))
            .ToDictionary(q => q.Key, q => new[] { !known.Contains(q.Key) ? "No such parameter here." : q.Value.Count > 1 ? "Only once." : "It is empty: leave it out." });
        if (wrong.Count > 0) context.Result = new BadRequestObjectResult(new ValidationProblemDetails(wrong));
    }

    public void OnResourceExecuted(ResourceExecutedContext context) { }
}
