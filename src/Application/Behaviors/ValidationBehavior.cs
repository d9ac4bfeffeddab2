using FluentValidation;
using MediatR;
using PayRecharge.Domain;

namespace PayRecharge.Application.Behaviors;

/// <summary>Runs the validators first. A failed rule with a <see cref="Refusal"/> refuses; other failures are collected.</summary>
internal sealed class ValidationBehavior<TRequest, TResponse>(IEnumerable<IValidator<TRequest>> validators) : IPipelineBehavior<TRequest, TResponse>
{
    public async Task<TResponse> Handle(TRequest request, CancellationToken cancellationToken, RequestHandlerDelegate<TResponse> next)
    {
        foreach (var validator in validators)
        {
            var result = await validator.ValidateAsync(request, cancellationToken);
            if (result.IsValid) continue;
            if (result.Errors[0].CustomState is Refusal refusal) throw new RefusedException(refusal, result.Errors[0].PropertyName);
            throw new ValidationException(result.Errors);
        }
        return await next();
    }
}

internal static class RefusalRules
{
    /// <summary>Sets the refusal for a failure of the preceding rule.</summary>
    public static IRuleBuilderOptions<T, TProperty> Refusing<T, TProperty>(this IRuleBuilderOptions<T, TProperty> rule, Refusal refusal) =>
        rule.WithState(_ => refusal);
}
