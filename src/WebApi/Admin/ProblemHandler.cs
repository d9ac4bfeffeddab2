using System.Text.Json;
using FluentValidation;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Mvc;
using PayRecharge.Application;
using PayRecharge.Application.Settings;
using PayRecharge.Domain;

namespace PayRecharge.WebApi.Admin;

/// <summary>Answers refused messages and failures in the admin API with problem+json, and with nothing else.</summary>
internal sealed class ProblemHandler(IProblemDetailsService problems, CallLog log) : IExceptionHandler
{
    public async ValueTask<bool> TryHandleAsync(HttpContext httpContext, Exception exception, CancellationToken cancellationToken)
    {
        ProblemDetails problem = exception switch
        {
            ValidationException invalid => new ValidationProblemDetails(invalid.Errors
                .GroupBy(e => JsonNamingPolicy.CamelCase.ConvertName(e.PropertyName))
                .ToDictionary(g => g.Key, g => g.Select(e => e.ErrorMessage).ToArray()))
            { Status = StatusCodes.Status400BadRequest },
            RefusedException refused => new ProblemDetails { Status = StatusOf(refused.Refusal), Title = refused.Refusal.ToString(), Detail = refused.Message },
            SettingsConflictException or UniqueConstraintException => new ProblemDetails { Status = StatusCodes.Status409Conflict, Title = exception.Message },
            CommitUnknownException => new ProblemDetails { Status = StatusCodes.Status503ServiceUnavailable, Title = exception.Message },
            BadHttpRequestException bad => new ProblemDetails { Status = bad.StatusCode, Title = "The request is malformed." },
            _ => new ProblemDetails { Status = StatusCodes.Status500InternalServerError, Title = "The server failed; its log says how." },
        };
        if (problem.Status == StatusCodes.Status500InternalServerError) log.Failed("A call could not be answered", exception);
        httpContext.Response.StatusCode = problem.Status!.Value;
        // Callers that accept no JSON, such as browsers, get it too: by default the server would show its own error page.
        if (!await problems.TryWriteAsync(new ProblemDetailsContext { HttpContext = httpContext, ProblemDetails = problem }))
            await httpContext.Response.WriteAsJsonAsync(problem, problem.GetType(), options: null, "application/problem+json", cancellationToken);
        return true;
    }

    private static int StatusOf(Refusal refusal) => refusal switch
    {
        Refusal.UserUnknown or Refusal.CardRuleUnknown or Refusal.OrderUnknown or Refusal.KamiUnknown or Refusal.NotificationUnknown => StatusCodes.Status404NotFound,
        Refusal.GatewayFailed => StatusCodes.Status502BadGateway,
        _ => StatusCodes.Status409Conflict,
    };
}
